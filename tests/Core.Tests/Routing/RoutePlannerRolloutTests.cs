using System.Collections.Immutable;
using Pipeline.Core.Events;
using Pipeline.Core.Policies;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Routing;

/// <summary>What becomes of a route as its rollout is decided.</summary>
public sealed class RoutePlannerRolloutTests
{
    private const string Gpu = "ort-1.29.0-webgpu";

    private static readonly string Cpu = Some.Cpu.Runtime;

    [Fact]
    public void Advance_TakesTheNextStep()
    {
        RouteChange change = Changed(Apply(Some.Route(Some.Version(1), Some.Version(2)), RolloutAction.Advance));
        AssertRoute(change.After, stable: "1", candidate: "2", weight: 5000);
        Assert.Equal((1, Some.Now.AddHours(1)), (change.After.Rollout!.Step, change.After.Rollout.StepStartedAt));
        Assert.Equal(EventTypes.RolloutAdvanced, change.EventType);
        Assert.IsType<RouteOutcome.Refused>(Apply(change.After, RolloutAction.Advance));
    }

    [Fact]
    public void Promote_MakesTheCandidateStable()
    {
        RouteState before = Some.Route(Some.Version(1), Some.Version(2));
        RouteState after = Changed(Apply(before, RolloutAction.Promote)).After;
        AssertRoute(after, stable: "2");
        Assert.Same(before.Route.Stable, after.Previous);
        Assert.Null(after.Rollout);
    }

    [Fact]
    public void Promote_OfACandidateThatLacksALiveRuntime_IsRefused() =>
        Assert.IsType<RouteOutcome.Refused>(
            Apply(Some.Route(Some.Version(1, Cpu, Gpu), Some.Version(2)), RolloutAction.Promote));

    [Fact]
    public void Withdraw_TakesTheCandidateOff()
    {
        RouteChange change = Changed(Apply(Some.Route(Some.Version(1), Some.Version(2)), RolloutAction.Withdraw));
        AssertRoute(change.After, stable: "1");
        Assert.Equal(EventTypes.RolloutWithdrawn, change.EventType);
        Assert.Equal("The numbers say so.", Assert.Single(change.After.Withdrawn).Reason);
    }

    [Fact]
    public void Hold_PausesUntilAPersonResumes()
    {
        RouteState held = Changed(Apply(Some.Route(Some.Version(1), Some.Version(2)), RolloutAction.Hold)).After;
        Assert.Equal("The numbers say so.", held.Rollout!.PausedBecause);
        AssertRoute(held, stable: "1", candidate: "2", weight: 1000);
        Assert.IsType<RouteOutcome.Unchanged>(Apply(held, RolloutAction.Advance));
        Assert.IsType<RouteOutcome.Unchanged>(Apply(held, RolloutAction.Promote));
        Assert.IsType<RouteOutcome.Unchanged>(RoutePlanner.Pause(held, 7, "Again.", "ada", Some.Now));

        RouteState resumed = Changed(RoutePlanner.Resume(held, 9, "", "ada", Some.Now.AddHours(2))).After;
        Assert.Null(resumed.Rollout!.PausedBecause);
        Assert.Equal((0, Some.Now.AddHours(2)), (resumed.Rollout.Step, resumed.Rollout.StepStartedAt));
        Assert.Equal((Some.StepRevision, 10), (held.Route.StepRevision, resumed.Route.StepRevision));
        Assert.IsType<RouteOutcome.Unchanged>(RoutePlanner.Resume(resumed, 7, "", "ada", Some.Now));
    }

    [Theory]
    [InlineData(RolloutAction.Advance)]
    [InlineData(RolloutAction.Promote)]
    [InlineData(RolloutAction.Withdraw)]
    [InlineData(RolloutAction.Hold)]
    public void Decision_IsKeptWithItsNumbers(RolloutAction action)
    {
        RouteChange change = Changed(Apply(Some.Route(Some.Version(1), Some.Version(2)), action));
        RolloutEvidence evidence = Assert.IsType<RolloutEvidence>(change.Evidence);
        Assert.Equal((action, "The numbers say so.", Some.Now.AddHours(1)), (evidence.Action, evidence.Reason, evidence.At));
        Assert.Equal((300, 4, 12, 3), (
            evidence.Candidate.Requests, evidence.Candidate.Errors, evidence.Candidate.ShadowCompared,
            evidence.Candidate.ShadowDiverged));
        Assert.Equal((900, 1), (evidence.Stable.Requests, evidence.Stable.Errors));
        Assert.InRange(evidence.Stable.P99Milliseconds, 2.9, 3.1);
        if (change.After.Rollout is { } rollout) Assert.Same(evidence, rollout.Evidence);
    }

    [Fact]
    public void Shadow_OfThePolicy_StaysUntilTheCandidateIsStableOrGone()
    {
        var shadow = new ShadowPolicy { SharePercent = 5 };
        RouteState route = Changed(
            Introduce(Some.Route(Some.Version(1)), Some.Version(2), Some.Steps(0, 50) with { Shadow = shadow })).After;
        AssertRoute(route, stable: "1", candidate: "2", weight: 0);
        Assert.Same(shadow, route.Route.Shadow);
        Assert.Same(shadow, Changed(Apply(route, RolloutAction.Advance)).After.Route.Shadow);
        Assert.Null(Changed(Apply(route, RolloutAction.Promote)).After.Route.Shadow);
        Assert.Null(Changed(Apply(route, RolloutAction.Withdraw)).After.Route.Shadow);
        Assert.Null(Changed(Introduce(route, Some.Version(3))).After.Route.Shadow);
    }

    [Fact]
    public void PinnedRoute_TakesNothingNewAndNoStep()
    {
        var pin = new RoutePin { Who = "ada", Why = "The fair is on.", At = Some.Now };
        RouteState stable = Some.Route(Some.Version(1)) with { Pin = pin };
        var refused = Assert.IsType<RouteOutcome.Refused>(Introduce(stable, Some.Version(2), byPerson: true));
        Assert.Equal("'ocr-rec' is pinned on 'cpu-x64-avx2' by ada: The fair is on.", refused.Reason);
        Assert.IsType<RouteOutcome.Changed>(Introduce(stable, Some.Version(1, Cpu, Gpu)));

        RouteState rollout = Some.Route(Some.Version(1), Some.Version(2)) with { Pin = pin };
        Assert.IsType<RouteOutcome.Unchanged>(Apply(rollout, RolloutAction.Advance));
        Assert.IsType<RouteOutcome.Unchanged>(Apply(rollout, RolloutAction.Promote));
        AssertRoute(Changed(Apply(rollout, RolloutAction.Withdraw)).After, stable: "1");
    }

    [Fact]
    public void Wait_ChangesNothing() =>
        Assert.IsType<RouteOutcome.Unchanged>(
            Apply(Some.Route(Some.Version(1), Some.Version(2)), RolloutAction.Wait));

    [Fact]
    public void WithoutARollout_NothingIsAppliedPausedOrResumed()
    {
        RouteState route = Some.Route(Some.Version(1));
        Assert.All(Enum.GetValues<RolloutAction>(), a => Assert.IsType<RouteOutcome.Unchanged>(Apply(route, a)));
        Assert.IsType<RouteOutcome.Refused>(RoutePlanner.Pause(route, 7, "Why.", "ada", Some.Now));
        Assert.IsType<RouteOutcome.Refused>(RoutePlanner.Resume(route, 7, "Why.", "ada", Some.Now));
    }

    private static RouteOutcome Introduce(
        RouteState? current, RoutedVersion version, RolloutPolicy? policy = null, bool byPerson = false) =>
        RoutePlanner.Introduce(
            current, 7, "ocr-rec", Some.Cpu.Target, version, policy ?? Some.Steps(10, 50), byPerson, "ada", Some.Now);

    private static RouteOutcome Apply(RouteState current, RolloutAction action)
    {
        ImmutableArray<long> latency = Some.Counters(1, 100, 0, milliseconds: 3).Latency;
        var stable = new WindowCounters { Requests = 900, Errors = 1, Latency = latency };
        var candidate = new WindowCounters
        {
            Requests = 300,
            Errors = 4,
            Latency = latency,
            ShadowCompared = 12,
            ShadowDiverged = 3,
        };
        return RoutePlanner.Apply(
            current, 7,
            new RolloutDecision { Action = action, Reason = "The numbers say so.", Stable = stable, Candidate = candidate },
            "pipeline", Some.Now.AddHours(1));
    }

    private static RouteChange Changed(RouteOutcome outcome) => Assert.IsType<RouteOutcome.Changed>(outcome).Change;

    private static void AssertRoute(RouteState state, string stable, string? candidate = null, int weight = 0) =>
        Assert.Equal(
            (stable, candidate, weight),
            (state.Route.Stable?.Version, state.Route.Candidate?.Version, state.Route.CandidateWeight));
}
