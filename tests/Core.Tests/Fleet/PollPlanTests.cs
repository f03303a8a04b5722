using Pipeline.Core.Fleet;

namespace Pipeline.Core.Tests.Fleet;

public sealed class PollPlanTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(500, 1, 2)]
    [InlineData(600, 1, 2)]
    [InlineData(601, 1, 2.004)]
    [InlineData(2_000, 1, 6.667)]
    [InlineData(10_000, 1, 33.334)]
    [InlineData(10_000, 4, 8.334)]
    [InlineData(10_000, 32, 2)]
    public void Interval_OfAFleet_IsWhatItsReplicasAnswer(int edges, int replicas, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), PollPlan.Interval(edges, replicas, TwoSeconds));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(int.MinValue, int.MinValue)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Interval_OfNonsense_IsBounded(int edges, int replicas)
    {
        Assert.InRange(PollPlan.Interval(edges, replicas, TimeSpan.Zero), PollPlan.Shortest, PollPlan.Longest);
        Assert.Equal(PollPlan.Longest, PollPlan.Interval(edges, replicas, TimeSpan.MaxValue));
    }

    [Fact]
    public void Interval_OfAnyFleet_KeepsRequestsWithinTheShare()
    {
        for (int edges = 1; edges < 20_000; edges += 37)
        {
            for (int replicas = 1; replicas <= 8; replicas++)
            {
                TimeSpan wait = PollPlan.Interval(edges, replicas, TimeSpan.FromSeconds(0.5)) * PollWait.MeanShare(PollWait.Jitter);
                Assert.InRange(edges / wait.TotalSeconds / replicas, 0, PollPlan.RequestsPerSecondMaximum * PollPlan.Share + 1e-9);
            }
        }
    }

    [Fact]
    public void Interval_WithMoreEdges_IsNeverShorter()
    {
        TimeSpan before = TimeSpan.Zero;
        for (int edges = 0; edges < 20_000; edges++)
        {
            TimeSpan interval = PollPlan.Interval(edges, replicas: 2, TwoSeconds);
            Assert.True(interval >= before);
            before = interval;
        }
    }

    [Theory]
    [InlineData(8, 8, false)]
    [InlineData(8, 9, false)]
    [InlineData(8, 7, false)]
    [InlineData(8, 9.1, true)]
    [InlineData(8, 6.9, true)]
    [InlineData(2, 33, true)]
    public void Interval_AFewEdgesLater_StaysAsPublished(double published, double planned, bool outdated) => Assert.Equal(
        outdated, PollPlan.IsOutdated(TimeSpan.FromSeconds(published), TimeSpan.FromSeconds(planned)));

    [Fact]
    public void SignedNumbers_OutOfBounds_AreBounded()
    {
        Assert.Equal(PollPlan.Shortest, PollPlan.Within(TimeSpan.FromSeconds(-5)));
        Assert.Equal(PollPlan.Longest, PollPlan.Within(TimeSpan.MaxValue));
        Assert.Equal(TwoSeconds, PollPlan.Within(TwoSeconds));
        Assert.Equal((1, 3, 32), (PollPlan.ReplicasWithin(-1), PollPlan.ReplicasWithin(3), PollPlan.ReplicasWithin(9999)));
    }
}
