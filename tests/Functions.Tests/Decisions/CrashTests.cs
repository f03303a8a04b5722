using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Management;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Management;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Reconciling;
using Pipeline.Functions.Rollouts;
using Pipeline.Functions.Routes;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>Runs that end between two steps, run twice, or meet another run.</summary>
[Collection(Bench.Collection)]
public sealed class CrashTests(CloudFixture cloud)
{
    [Fact]
    public async Task Outcome_RedeliveredAfterACrash_IsStillAnnounced()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.BuildAsync(1);
        var announced = await bench.EventsAsync(EventTypes.GatePassed);
        Assert.Equal(2, announced.Length);
        Assert.Equal(announced[0], announced[1]);
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
    }

    [Fact]
    public async Task Approval_WrittenBeforeACrash_OutlivesTheHoldsDeadline()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        Promotion held = await bench.HaveAsync(1, LanePhase.Passed, approval: true);
        Assert.Equal(PromotionState.Held, held.State);
        var approval = new PromotionApproval { Who = "ada", At = bench.Clock.GetUtcNow() };
        await bench.Promotions.UpdateAsync(held.Id, p => p with { Approval = approval }, Bench.Cancel);
        bench.Clock.Advance(TimeSpan.FromDays(8));
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
    }

    [Fact]
    public async Task Hold_ThatNobodyAnswers_EndsAtItsDeadline()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed, approval: true);
        bench.Clock.Advance(TimeSpan.FromDays(8));
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        Promotion ended = (await bench.ReadAsync(1)).Value;
        Assert.Equal((PromotionState.Cancelled, PromotionState.Cancelled), (ended.State, ended.End?.State));
    }

    [Fact]
    public async Task PausedRollout_ThatNobodyResumes_IsWithdrawn()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await RollOutSecondAsync(bench);
        await ChangeAsync(bench, f => RoutePlanner.Pause(f.Current!, f.Revision, "Look.", "ada", bench.Clock.GetUtcNow()));
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        Assert.Equal(PromotionState.Held, await bench.StateAsync(2));
        bench.Clock.Advance(TimeSpan.FromDays(8));
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        await bench.Get<RolloutDriver>().DriveAsync(Bench.Cancel);
        Assert.Null((await bench.RouteAsync()).Route.Candidate);
        Assert.Equal(PromotionState.RolledBack, await bench.StateAsync(2));
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
    }

    [Fact]
    public async Task Candidate_WhosePromotionEnded_IsWithdrawn()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await RollOutSecondAsync(bench);
        var end = new PromotionEnd
        {
            State = PromotionState.Cancelled,
            Reason = "Not this one.",
            Who = "ada",
            At = bench.Clock.GetUtcNow(),
        };
        await bench.Promotions.UpdateAsync(bench.Id(2), p => p with { End = end }, Bench.Cancel);
        await bench.Get<RolloutDriver>().DriveAsync(Bench.Cancel);
        RouteState route = await bench.RouteAsync();
        Assert.Null(route.Route.Candidate);
        Assert.Contains("Not this one.", Assert.Single(route.Withdrawn).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RolloutStarted_PushesTheOlderCandidateAside_AtOnce()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await RollOutSecondAsync(bench);
        await bench.HaveAsync(3, LanePhase.Passed);
        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(3));
        Assert.Equal(PromotionState.Superseded, await bench.StateAsync(2));
    }

    [Fact]
    public async Task RollbackBeforeACrash_ShowsTheVersionThatCameBackAsLive()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.Promotions.UpdateAsync(bench.Id(1), p => p with { State = PromotionState.Superseded }, Bench.Cancel);
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
    }

    [Fact]
    public async Task Retry_CutShortAfterItsLanes_StillEndsByItsDeadline()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Failed);
        await bench.Get<PromotionAdvancer>().AdvanceAsync(bench.Id(1), Bench.Cancel);
        Assert.Equal(PromotionState.Rejected, await bench.StateAsync(1));
        PromotionFacts facts = (await bench.Get<PromotionReader>().ReadAsync(bench.Id(1), Bench.Cancel))!;
        Assert.IsType<CommandOutcome.Done>(
            await bench.Get<VersionCommands>().RetryAsync(
                facts, new CommandRequest { Reason = "The disk was full." }, "ada", Bench.Cancel));
        Assert.Contains((await bench.ReadAsync(1)).Value.Notices, n => n.Text.EndsWith(": The disk was full.", StringComparison.Ordinal));
        bench.Clock.Advance(TimeSpan.FromHours(3));
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        LaneRecord lane = (await bench.Get<LaneStore>().ReadAsync(bench.Id(1), bench.Lane, Bench.Cancel))!.Value;
        Assert.Equal((2, BuildFailureKind.DeadlineExceeded), (lane.Attempt, lane.Failure?.Kind));
        Assert.Equal(PromotionState.Failed, await bench.StateAsync(1));
    }

    [Fact]
    public async Task Approve_BringsBackWhatWasTakenOff()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await RollOutSecondAsync(bench);
        await ChangeAsync(bench, f => RoutePlanner.Rollback(f.Current!, f.Revision, "Bad.", "ada", bench.Clock.GetUtcNow()));
        await bench.Get<PromotionAdvancer>().AdvanceModelAsync(bench.Model, Bench.Cancel);
        Assert.Equal(PromotionState.RolledBack, await bench.StateAsync(2));
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        VersionCommands commands = bench.Get<VersionCommands>();
        PromotionFacts facts = (await bench.Get<PromotionReader>().ReadAsync(bench.Id(2), Bench.Cancel))!;
        Assert.IsType<CommandOutcome.Done>(await commands.ApproveAsync(facts, new CommandRequest(), "ada", Bench.Cancel));
        await bench.Get<PromotionAdvancer>().AdvanceAsync(bench.Id(2), Bench.Cancel);
        Assert.Equal("2", (await bench.RouteAsync()).Route.Candidate?.Version);
        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(2));
    }

    [Fact]
    public async Task Cancel_AfterTrafficWasDecided_IsRefused()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Queued);
        PromotionFacts early = (await bench.Get<PromotionReader>().ReadAsync(bench.Id(1), Bench.Cancel))!;
        await bench.BuildAsync(1);
        CommandOutcome outcome =
            await bench.Get<VersionCommands>().CancelAsync(early, new CommandRequest(), "ada", Bench.Cancel);
        Assert.IsType<CommandOutcome.Refused>(outcome);
        Assert.Null((await bench.ReadAsync(1)).Value.End);
    }

    [Fact]
    public async Task Cancel_WhileBuilding_KeepsALateEngineOffTheRoute()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Queued);
        PromotionFacts facts = (await bench.Get<PromotionReader>().ReadAsync(bench.Id(1), Bench.Cancel))!;
        Assert.IsType<CommandOutcome.Done>(
            await bench.Get<VersionCommands>().CancelAsync(facts, new CommandRequest(), "ada", Bench.Cancel));
        await bench.BuildAsync(1);
        Assert.Null(await bench.RouteAsync());
        Assert.Equal(PromotionState.Cancelled, await bench.StateAsync(1));
    }

    [Fact]
    public async Task SlowRun_AfterARollback_DoesNotBringTheVersionBack()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed, approval: true);
        var approval = new PromotionApproval { Who = "ada", At = bench.Clock.GetUtcNow() };
        await bench.Promotions.UpdateAsync(bench.Id(2), p => p with { Approval = approval }, Bench.Cancel);
        PromotionFacts slow = (await bench.Get<PromotionReader>().ReadAsync(bench.Id(2), Bench.Cancel))!;
        await bench.Get<PromotionAdvancer>().AdvanceAsync(bench.Id(2), Bench.Cancel);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        await ChangeAsync(bench, f => RoutePlanner.Rollback(f.Current!, f.Revision, "Bad.", "ada", bench.Clock.GetUtcNow()));
        Assert.False(await bench.Get<VersionRouter>().IntroduceAsync(slow, Bench.Cancel));
        Assert.Null((await bench.RouteAsync()).Route.Candidate);
    }

    private static async Task RollOutSecondAsync(Bench bench)
    {
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed);
        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(2));
    }

    private static async Task ChangeAsync(Bench bench, Func<RouteFacts, RouteOutcome> decide) =>
        Assert.IsType<RouteOutcome.Changed>(
            await bench.Get<RouteExecutor>().ChangeAsync(bench.Lane.Target, bench.Model, decide, Bench.Cancel));
}
