using Pipeline.Core.Fleet;

namespace Pipeline.Core.Tests.Fleet;

public sealed class PollWaitTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0, 0, 2)]
    [InlineData(0, 0.5, 1.5)]
    [InlineData(0, 0.999999999, 1)]
    public void Wait_AfterAGoodRead_IsBetweenHalfTheIntervalAndAllOfIt(int failures, double random, double seconds) =>
        Assert.Equal(seconds, Next(failures, random), 6);

    [Theory]
    [InlineData(1, 0, 4)]
    [InlineData(1, 0.75, 1)]
    [InlineData(1, 0.999999999, 0)]
    [InlineData(2, 0, 8)]
    [InlineData(3, 0, 16)]
    [InlineData(4, 0, 30)]
    [InlineData(int.MaxValue, 0.5, 15)]
    public void Wait_AfterFailures_DoublesAndIsRandomAsAWhole(int failures, double random, double seconds) =>
        Assert.Equal(seconds, Next(failures, random), 6);

    [Fact]
    public void Wait_IsNeverLongerThanTheEdgeAllows() => Assert.Equal(
        TimeSpan.FromSeconds(1), PollWait.Next(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), 0, PollWait.Jitter, 0));

    [Fact]
    public void MeanShare_IsTheAverageOfManyWaits()
    {
        var random = new Random(1);
        double sum = 0;
        for (int i = 0; i < 100_000; i++) sum += Next(0, random.NextDouble());
        Assert.Equal(Interval.TotalSeconds * PollWait.MeanShare(PollWait.Jitter), sum / 100_000, 2);
    }

    private static double Next(int failures, double random) =>
        PollWait.Next(Interval, Longest, failures, PollWait.Jitter, random).TotalSeconds;
}
