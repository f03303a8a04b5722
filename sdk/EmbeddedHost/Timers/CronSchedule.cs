using System.Globalization;
using System.Numerics;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;

/// <summary>
/// Six fields: second, minute, hour, day, month, weekday (0 is Sunday). A field is *, numbers, ranges and lists, each
/// with a step; a number with a step runs to the field's end. Day and weekday must both match, as in NCRONTAB.
/// </summary>
internal sealed record CronSchedule : TimerSchedule
{
    private static readonly (string Name, int Min, int Max)[] Fields =
        [("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6)];

    // One bit for each value that matches.
    private readonly ulong[] _fields;

    private CronSchedule(ulong[] fields) => _fields = fields;

    public static new CronSchedule Parse(string text)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
            throw new FormatException($"it has {parts.Length} fields; write second minute hour day month weekday");
        var schedule = new CronSchedule([.. parts.Zip(Fields, ParseField)]);
        // Any day that exists comes up within eight years (29 February across 2100), and on each weekday within forty.
        if (schedule.NextOrNull(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc)) is null)
            throw new FormatException("it is never due: no such day exists");
        return schedule;
    }

    public override DateTime NextAfter(DateTime time) =>
        NextOrNull(time) ?? throw new InvalidOperationException("A schedule that was due once has no next time.");

    private DateTime? NextOrNull(DateTime time)
    {
        DateTime start = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond)).AddSeconds(1);
        DateTime end = start.AddYears(40);
        // The rest of the first day, then whole days.
        TimeSpan from = start.TimeOfDay;
        for (DateTime day = start.Date; day < end; day = day.AddDays(1), from = TimeSpan.Zero)
        {
            if (Has(3, day.Day) && Has(4, day.Month) && Has(5, (int)day.DayOfWeek) && FirstFrom(from) is { } at)
                return day + at;
        }

        return null;
    }

    private TimeSpan? FirstFrom(TimeSpan from)
    {
        for (int hour = FirstIn(2, from.Hours); hour >= 0; hour = FirstIn(2, hour + 1))
        {
            int minMinute = hour == from.Hours ? from.Minutes : 0;
            for (int minute = FirstIn(1, minMinute); minute >= 0; minute = FirstIn(1, minute + 1))
            {
                bool same = hour == from.Hours && minute == from.Minutes;
                int second = FirstIn(0, same ? from.Seconds : 0);
                if (second >= 0) return new TimeSpan(hour, minute, second);
            }
        }

        return null;
    }

    private bool Has(int field, int value) => (_fields[field] >> value & 1) != 0;

    private int FirstIn(int field, int from)
    {
        ulong left = _fields[field] & (ulong.MaxValue << from);
        return from > Fields[field].Max || left == 0 ? -1 : BitOperations.TrailingZeroCount(left);
    }

    private static ulong ParseField(string text, (string Name, int Min, int Max) field)
    {
        ulong values = 0;
        foreach (string part in text.Split(','))
        {
            string[] stepped = part.Split('/');
            string[] range = stepped[0].Split('-');
            bool all = stepped[0] == "*";
            int first = all ? field.Min : Number(range[0]);
            int last = all || (range.Length == 1 && stepped.Length == 2) ? field.Max : Number(range[^1]);
            int step = stepped.Length == 2 ? Number(stepped[1]) : 1;
            bool inside = first >= field.Min && last <= field.Max && first <= last;
            if (stepped.Length > 2 || range.Length > 2 || !inside || step < 1) throw Fault();
            for (int value = first; value <= last; value += step) values |= 1UL << value;
        }

        return values;

        int Number(string digits) =>
            digits.Length <= 3 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw Fault();
        FormatException Fault() => new(
            $"'{text}' is no {field.Name}: write *, numbers {field.Min}-{field.Max}, ranges a-b, lists a,b, steps */n");
    }
}
