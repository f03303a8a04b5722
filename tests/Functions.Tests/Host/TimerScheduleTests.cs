using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;

namespace Pipeline.Functions.Tests.Host;

public sealed class TimerScheduleTests
{
    [Theory]
    [InlineData("*/5 * * * * *", "2026-03-01 12:00:00", "2026-03-01 12:00:05")]
    [InlineData("0 */5 * * * *", "2026-03-01 12:00:00", "2026-03-01 12:05:00")]
    [InlineData("0 */5 * * * *", "2026-03-01 12:04:59.999", "2026-03-01 12:05:00")]
    [InlineData("0 0 * * * *", "2026-12-31 23:30:00", "2027-01-01 00:00:00")]
    [InlineData("30 15,45 8-10 * * *", "2026-03-01 10:15:30", "2026-03-01 10:45:30")]
    [InlineData("30 15,45 8-10 * * *", "2026-03-01 10:45:30", "2026-03-02 08:15:30")]
    [InlineData("0 50/4 * * * *", "2026-03-01 12:55:00", "2026-03-01 12:58:00")]
    [InlineData("0 50/4 * * * *", "2026-03-01 12:58:00", "2026-03-01 13:50:00")]
    [InlineData("0 0 9 * * 1-5", "2026-03-06 09:00:00", "2026-03-09 09:00:00")]
    [InlineData("0 0 0 13 * 5", "2026-03-13 00:00:00", "2026-11-13 00:00:00")]
    [InlineData("0 0 0 29 2 *", "2096-03-01 00:00:00", "2104-02-29 00:00:00")]
    [InlineData("0 0 0 31 * *", "2026-03-31 00:00:00", "2026-05-31 00:00:00")]
    [InlineData("0-10/5,40 0 0 1 1,7 *", "2026-01-01 00:00:10", "2026-01-01 00:00:40")]
    [InlineData("00:00:05", "2026-03-01 12:00:02", "2026-03-01 12:00:07")]
    [InlineData("1.00:00:00", "2026-03-01 12:00:02", "2026-03-02 12:00:02")]
    public void NextAfter_OfASchedule_IsTheFirstTimeThatMatches(string text, string after, string expected) =>
        Assert.Equal(Time(expected), TimerSchedule.Parse(text).NextAfter(Time(after)));

    [Theory]
    [InlineData("* * * * *", "5 fields")]
    [InlineData("60 * * * * *", "second")]
    [InlineData("* * 24 * * *", "hour")]
    [InlineData("* * * 0 * *", "day")]
    [InlineData("* * * * 13 *", "month")]
    [InlineData("* * * * * 7", "weekday")]
    [InlineData("* 5-1 * * * *", "minute")]
    [InlineData("* */0 * * * *", "minute")]
    [InlineData("* */5/2 * * * *", "minute")]
    [InlineData("* 1-2-3 * * * *", "minute")]
    [InlineData("* 1,,2 * * * *", "minute")]
    [InlineData("* -5 * * * *", "minute")]
    [InlineData("* 99999999999 * * * *", "minute")]
    [InlineData("0 0 0 30 2 *", "never due")]
    [InlineData("soon", "six fields")]
    [InlineData("-00:00:05", "six fields")]
    [InlineData("00:00:00", "six fields")]
    [InlineData("", "six fields")]
    public void Parse_OfAFault_SaysWhichFieldAndWhatToWrite(string text, string said)
    {
        var fault = Assert.Throws<FormatException>(() => TimerSchedule.Parse(text));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NextAfter_OfAnySchedule_IsWhatCountingSecondsFinds()
    {
        Gen<(int, int, int, int, int)> cases =
            from second in Gen.Choose(0, 59)
            from step in Gen.Choose(1, 59)
            from hour in Gen.Choose(0, 23)
            from weekday in Gen.Choose(0, 6)
            from offset in Gen.Choose(0, 7 * 24 * 3600)
            select (second, step, hour, weekday, offset);
        Prop.ForAll(Arb.From(cases), value =>
        {
            (int second, int step, int hour, int weekday, int offset) = value;
            DateTime after = Time("2026-03-01 00:00:00").AddSeconds(offset);
            DateTime counted = after.AddSeconds(1);
            while (counted.Second != second || counted.Minute % step != 0 || counted.Hour < hour
                || (int)counted.DayOfWeek > weekday)
                counted = counted.AddSeconds(1);
            return TimerSchedule.Parse($"{second} */{step} {hour}-23 * * 0-{weekday}").NextAfter(after) == counted;
        }).QuickCheckThrowOnFailure();
    }

    private static DateTime Time(string text) => DateTime.Parse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
