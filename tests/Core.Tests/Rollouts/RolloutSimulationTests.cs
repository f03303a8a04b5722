using Pipeline.Bench.Rollouts;
using Pipeline.Core.Policies;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Tests.Rollouts;

/// <summary>What many rollouts come to, decided at every look as in the functions.</summary>
public sealed class RolloutSimulationTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private static readonly SimulatedVersion Equal = new() { Version = "2" };

    private static readonly RolloutPolicy Policy = new()
    {
        Steps =
        [
            new() { WeightPercent = 10, BakeTime = TimeSpan.FromMinutes(5), MinimumSamples = 200 },
            new() { WeightPercent = 50, BakeTime = TimeSpan.FromMinutes(5), MinimumSamples = 500 },
        ],
        ErrorShareIncreaseMaximum = 0.005,
        P99RatioMaximum = 1.1,
        Shadow = new ShadowPolicy { SharePercent = 10, DivergedShareMaximum = 0.01 },
        MaximumWait = TimeSpan.FromMinutes(30),
    };

    [Fact]
    public void Candidate_AsGoodAsStable_IsWithdrawnAtMostOnceInAHundred()
    {
        RolloutRun[] runs = Run(Equal, count: 10_000, perSecond: 10);
        Assert.InRange(runs.Count(r => r.End == RolloutAction.Withdraw), 0, runs.Length / 100);
        Assert.InRange(runs.Count(r => r.End == RolloutAction.Promote), runs.Length * 0.9, runs.Length);
    }

    [Fact]
    public void Candidate_ExactlyAsBadAsAllowed_IsWithdrawnAtMostOnceInAHundred()
    {
        var candidate = new SimulatedVersion { Version = "2", ErrorShare = 0.006, P50Milliseconds = 5.5, DivergedShare = 0.01 };
        RolloutRun[] runs = Run(candidate, count: 500, perSecond: 30);
        Assert.InRange(runs.Count(r => r.End == RolloutAction.Withdraw), 0, runs.Length / 100);
    }

    [Theory]
    [InlineData(0.011, 5, 0.002)]
    [InlineData(0.001, 6, 0.002)]
    [InlineData(0.001, 5, 0.05)]
    [InlineData(1, 5, 0.002)]
    public void Candidate_ThatIsWorse_IsWithdrawnUnderTraffic(double errors, double median, double diverged)
    {
        RolloutRun[] runs = Run(
            Equal with { ErrorShare = errors, P50Milliseconds = median, DivergedShare = diverged }, count: 50, perSecond: 1000);
        Assert.All(runs, run => Assert.Equal(RolloutAction.Withdraw, run.End));
    }

    [Fact]
    public void Breach_IsWithdrawnAtTheFirstLook() =>
        Assert.All(
            Run(Equal with { ErrorShare = 0.5 }, count: 20, perSecond: 100),
            run => Assert.Equal((RolloutAction.Withdraw, Tick), (run.End, run.After)));

    private static RolloutRun[] Run(SimulatedVersion candidate, int count, double perSecond)
    {
        var rollout = new SimulatedRollout
        {
            Policy = Policy,
            RequestsPerSecond = perSecond,
            Tick = Tick,
            Candidate = candidate,
        };
        return [.. Enumerable.Range(0, count).AsParallel().Select(rollout.Run)];
    }
}
