using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Reconciling;
using Pipeline.Functions.Routes;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>A lane is compared with the engine that serves when its version is about to go on the route, and with no other.</summary>
[Collection(Bench.Collection)]
public sealed class MeasuredAgainTests(CloudFixture cloud)
{
    [Fact]
    public async Task Lane_ComparedWithNothingWhileNowSomethingServes_IsMeasuredAgainAndThenRolledOut()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed, compared: true);

        LaneRecord queued = await bench.LaneAsync(2);
        Assert.Equal((LanePhase.Queued, 2, Bench.EngineOf(1)), (queued.Phase, queued.Attempt, queued.BaselineDigest));
        Assert.Equal(PromotionState.Building, await bench.StateAsync(2));
        Assert.Null((await bench.RouteAsync()).Route.Candidate);
        BuildRequest request = Assert.Single(await bench.RequestsAsync());
        Assert.Equal((2, "1", Bench.EngineOf(1)), (request.Attempt, request.Baseline!.Version, request.Baseline.EngineDigest));

        await bench.BuildAsync(2, attempt: 2, against: 1);
        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(2));
        Assert.Equal("2", (await bench.RouteAsync()).Route.Candidate?.Version);
    }

    [Fact]
    public async Task Messages_RedeliveredWhileMeasuredAgain_AskForNoFurtherAttempt()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed, compared: true);

        await bench.BuildAsync(2);
        await bench.Get<PromotionAdvancer>().AdvanceAsync(bench.Id(2), Bench.Cancel);
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);

        Assert.Equal((LanePhase.Queued, 2), ((await bench.LaneAsync(2)).Phase, (await bench.LaneAsync(2)).Attempt));
        Assert.Single(await bench.RequestsAsync());
    }

    [Fact]
    public async Task Worker_ThatLeavesTheComparisonOut_IsHeldInsteadOfAskedForEver()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed, compared: true);

        await bench.BuildAsync(2, attempt: 2);

        LaneRecord lane = await bench.LaneAsync(2);
        Assert.Equal((LanePhase.Inconclusive, 2), (lane.Phase, lane.Attempt));
        Assert.Contains(
            nameof(BaselineFault.NotMeasured), lane.Decisions.Single(d => d.Gate == BenchmarkGate.Name).Reasons[0], StringComparison.Ordinal);
        Assert.Equal(PromotionState.Held, await bench.StateAsync(2));
    }

    [Fact]
    public async Task StableThatMovedBackWhileApprovalWasWaitedFor_IsMeasuredAgainst()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed);
        await ChangeAsync(bench, f => RoutePlanner.Rollback(f.Current!, f.Revision, "Bad.", "ada", bench.Clock.GetUtcNow()));
        await bench.HaveAsync(3, LanePhase.Queued, approval: true, compared: true);
        await bench.BuildAsync(3, against: 2);
        Assert.Equal((LanePhase.Passed, Bench.EngineOf(2)), ((await bench.LaneAsync(3)).Phase, (await bench.LaneAsync(3)).BaselineDigest));

        var approval = new PromotionApproval { Who = "ada", At = bench.Clock.GetUtcNow() };
        await bench.Promotions.UpdateAsync(bench.Id(3), p => p with { Approval = approval }, Bench.Cancel);
        PromotionFacts approved = (await bench.Get<PromotionReader>().ReadAsync(bench.Id(3), Bench.Cancel))!;
        // Also a run that has not looked at what serves leaves the route alone.
        Assert.False(await bench.Get<VersionRouter>().IntroduceAsync(approved, Bench.Cancel));
        await bench.Get<PromotionAdvancer>().AdvanceAsync(bench.Id(3), Bench.Cancel);

        Assert.Equal((2, Bench.EngineOf(1)), ((await bench.LaneAsync(3)).Attempt, (await bench.LaneAsync(3)).BaselineDigest));
        Assert.Null((await bench.RouteAsync()).Route.Candidate);
    }

    [Fact]
    public async Task OlderVersion_WhileANewerOneIsOnTheRoute_IsNotMeasuredAgain()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed, approval: true, compared: true);
        await bench.HaveAsync(3, LanePhase.Passed);
        Assert.Equal("3", (await bench.RouteAsync()).Route.Candidate?.Version);

        var approval = new PromotionApproval { Who = "ada", At = bench.Clock.GetUtcNow() };
        await bench.Promotions.UpdateAsync(bench.Id(2), p => p with { Approval = approval }, Bench.Cancel);
        await bench.Get<PromotionAdvancer>().AdvanceAsync(bench.Id(2), Bench.Cancel);

        Assert.Equal((LanePhase.Passed, 1), ((await bench.LaneAsync(2)).Phase, (await bench.LaneAsync(2)).Attempt));
        Assert.Equal(PromotionState.Superseded, await bench.StateAsync(2));
    }

    private static async Task ChangeAsync(Bench bench, Func<RouteFacts, RouteOutcome> decide) =>
        Assert.IsType<RouteOutcome.Changed>(
            await bench.Get<RouteExecutor>().ChangeAsync(bench.Lane.Target, bench.Model, decide, Bench.Cancel));
}
