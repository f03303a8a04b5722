using System.Globalization;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;

/// <summary>When a timer is due.</summary>
internal abstract record TimerSchedule
{
    /// <summary>Reads six NCRONTAB fields or a TimeSpan.</summary>
    /// <exception cref="FormatException">It is neither, or never due; the message says what to write.</exception>
    public static TimerSchedule Parse(string text)
    {
        if (text.Trim().Contains(' ', StringComparison.Ordinal)) return CronSchedule.Parse(text);
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval)
                && interval > TimeSpan.Zero && interval.TotalDays <= 366
            ? new IntervalSchedule(interval)
            : throw new FormatException(
                "write six fields such as \"0 */5 * * * *\" (second minute hour day month weekday), or a time such as "
                + "\"00:05:00\"");
    }

    /// <summary>The first time after another; both UTC.</summary>
    public abstract DateTime NextAfter(DateTime time);

    private sealed record IntervalSchedule(TimeSpan Interval) : TimerSchedule
    {
        public override DateTime NextAfter(DateTime time) => time + Interval;
    }
}
