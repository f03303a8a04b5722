using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Routing;

public sealed class RoutePlannerTests
{
    private const string Gpu = "ort-1.29.0-webgpu";

    private static readonly string Cpu = Some.Cpu.Runtime;

    [Fact]
    public void FirstVersion_BecomesStableAtOnce()
    {
        RouteChange change = Changed(Introduce(null, Some.Version(1)));
        Assert.Equal((7, null, "ada"), (change.ExpectedRevision, change.Before, change.Who));
        Assert.Equal(EventTypes.RouteChanged, change.EventType);
        AssertRoute(change.After, stable: "1");
        Assert.Null(change.After.Previous);
    }

    [Fact]
    public void SecondVersion_BeginsAtTheFirstStep()
    {
        RouteState after = Changed(RoutePlanner.Introduce(
            Some.Route(Some.Version(1)), 7, "ocr-rec", Some.Cpu.Target, Some.Version(2), Some.Steps(10, 50), byPerson: false, "ada",
            Some.Now)).After;
        AssertRoute(after, stable: "1", candidate: "2", weight: 1000);
        Assert.Equal((0, Some.Now), (after.Rollout!.Step, after.Rollout.StepStartedAt));
        Assert.Equal(8, after.Route.StepRevision);
    }

    [Fact]
    public void Version_WithoutSteps_ReplacesStableAtOnce()
    {
        RouteState after = Changed(Introduce(Some.Route(Some.Version(1)), Some.Version(2), new RolloutPolicy { Steps = [] })).After;
        AssertRoute(after, stable: "2");
        Assert.Equal("1", after.Previous?.Version);
        Assert.Null(after.Rollout);
    }

    [Fact]
    public void Version_ThatIsThereAlready_ChangesNothing()
    {
        Assert.IsType<RouteOutcome.Unchanged>(Introduce(Some.Route(Some.Version(1)), Some.Version(1)));
        Assert.IsType<RouteOutcome.Unchanged>(Introduce(Some.Route(Some.Version(1), Some.Version(2)), Some.Version(2)));
    }

    [Fact]
    public void Version_ThatIsThere_TakesAnEngineForAnotherRuntime()
    {
        RouteState stable = Changed(Introduce(Some.Route(Some.Version(1)), Some.Version(1, Cpu, Gpu))).After;
        Assert.Equal([Cpu, Gpu], stable.Route.Stable!.Engines.Keys);
        RouteState candidate = Changed(
            Introduce(Some.Route(Some.Version(1), Some.Version(2)), Some.Version(2, Cpu, Gpu))).After;
        Assert.Equal([Cpu, Gpu], candidate.Route.Candidate!.Engines.Keys);
        AssertRoute(candidate, stable: "1", candidate: "2", weight: 1000);
    }

    [Fact]
    public void Version_WithTheSameEngines_OnlyMovesTheLabel()
    {
        RouteState before = Some.Route(Some.Version(2, "same", [Cpu])) with { Previous = Some.Version(1) };
        RouteState after = Changed(Introduce(before, Some.Version(3, "same", [Cpu]))).After;
        AssertRoute(after, stable: "3");
        Assert.Equal("1", after.Previous?.Version);
        Assert.Null(after.Rollout);
    }

    [Theory]
    // Older than stable.
    [InlineData(5, null)]
    // Older than the candidate.
    [InlineData(1, 5)]
    public void Version_OlderThanWhatIsThere_IsSuperseded(int stable, int? candidate)
    {
        RouteState route = Some.Route(Some.Version(stable), candidate is { } c ? Some.Version(c) : null);
        var outcome = Assert.IsType<RouteOutcome.Unchanged>(Introduce(route, Some.Version(4)));
        Assert.Contains("superseded", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void NewerVersion_TakesTheCandidatesPlace()
    {
        RouteState after = Changed(Introduce(Some.Route(Some.Version(1), Some.Version(2)), Some.Version(3))).After;
        AssertRoute(after, stable: "1", candidate: "3", weight: 1000);
        Assert.Empty(after.Withdrawn);
    }

    [Fact]
    public void SupersededVersion_DoesNotComeBackWhenTheNewerOneIsWithdrawn()
    {
        RouteState replaced = Changed(Introduce(Some.Route(Some.Version(1), Some.Version(2)), Some.Version(3))).After;
        RouteState withdrawn = Changed(RoutePlanner.Rollback(replaced, 8, "Bad.", "ada", Some.Now)).After;
        Assert.IsType<RouteOutcome.Unchanged>(Introduce(withdrawn, Some.Version(2)));
        AssertRoute(
            Changed(Introduce(withdrawn, Some.Version(2), byPerson: true)).After, stable: "1", candidate: "2", weight: 1000);
    }

    [Fact]
    public void Version_WithoutAnEngineForALiveRuntime_IsRefused()
    {
        var outcome = Assert.IsType<RouteOutcome.Refused>(Introduce(Some.Route(Some.Version(1, Cpu, Gpu)), Some.Version(2)));
        Assert.Contains($"no engine for 'cpu-x64-avx2/{Gpu}'", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("first build it there, then move", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Runtime_ThatIsNeitherDeployedNorRunByEdges_KeepsNoVersionOut()
    {
        RouteState old = Some.Route(Some.Version(1, Cpu, Gpu));
        RouteOutcome Next(params Lane[] inUse) => RoutePlanner.Introduce(
            old, 7, "ocr-rec", Some.Cpu.Target, Some.Version(2), new RolloutPolicy { Steps = [] }, false, "ada", Some.Now, inUse);
        Assert.IsType<RouteOutcome.Refused>(Next(Some.Cpu, new Lane(Some.Cpu.Target, Gpu)));
        AssertRoute(Changed(Next(Some.Cpu, new Lane("sm_75", Gpu))).After, stable: "2");
    }

    [Fact]
    public void Version_WithoutEngines_IsRefused() =>
        Assert.IsType<RouteOutcome.Refused>(
            Introduce(null, Some.Version(1) with { Engines = Some.Version(1).Engines.Clear() }));

    [Fact]
    public void WithdrawnVersion_ComesBackOnlyByAPerson()
    {
        RouteState route = Changed(
            RoutePlanner.Rollback(Some.Route(Some.Version(1), Some.Version(2)), 7, "Bad.", "ada", Some.Now)).After;
        var refused = Assert.IsType<RouteOutcome.Refused>(Introduce(route, Some.Version(2)));
        Assert.Contains("Bad.", refused.Reason, StringComparison.Ordinal);
        RouteState after = Changed(Introduce(route, Some.Version(2), byPerson: true)).After;
        AssertRoute(after, stable: "1", candidate: "2", weight: 1000);
        Assert.Empty(after.Withdrawn);
    }

    [Fact]
    public void Rollback_DuringARollout_WithdrawsTheCandidate()
    {
        RouteChange change = Changed(
            RoutePlanner.Rollback(Some.Route(Some.Version(1), Some.Version(2)), 7, "Bad.", "ada", Some.Now));
        AssertRoute(change.After, stable: "1");
        Assert.Null(change.After.Rollout);
        Assert.Equal(EventTypes.RolloutWithdrawn, change.EventType);
        Assert.Equal(
            new WithdrawnVersion { Version = "2", Reason = "Bad.", At = Some.Now }, Assert.Single(change.After.Withdrawn));
    }

    [Fact]
    public void Rollback_AfterARollout_PutsBackExactlyThePreviousStable()
    {
        RoutedVersion before = Some.Version(1, Cpu, Gpu);
        RouteState route = Some.Route(Some.Version(2, Cpu, Gpu)) with { Previous = before };
        RouteChange change = Changed(RoutePlanner.Rollback(route, 7, "Bad.", "ada", Some.Now));
        Assert.Same(before, change.After.Route.Stable);
        Assert.Null(change.After.Previous);
        Assert.Equal("2", Assert.Single(change.After.Withdrawn).Version);
        Assert.Equal(EventTypes.RouteChanged, change.EventType);
    }

    [Fact]
    public void Rollback_WithNothingBefore_IsRefused() =>
        Assert.IsType<RouteOutcome.Refused>(
            RoutePlanner.Rollback(Some.Route(Some.Version(1)), 7, "Bad.", "ada", Some.Now));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Rollback_WithoutAReason_IsRefused(string reason) =>
        Assert.IsType<RouteOutcome.Refused>(
            RoutePlanner.Rollback(Some.Route(Some.Version(1), Some.Version(2)), 7, reason, "ada", Some.Now));

    [Fact]
    public void Withdrawn_IsBounded()
    {
        RouteState route = Some.Route(Some.Version(1));
        for (int version = 2; version < 100; version++)
        {
            route = Changed(Introduce(route, Some.Version(version))).After;
            route = Changed(RoutePlanner.Rollback(route, 7, new string('x', 5000), "ada", Some.Now)).After;
        }

        Assert.Equal(RouteState.WithdrawnMaximum, route.Withdrawn.Length);
        Assert.Equal("99", route.Withdrawn[^1].Version);
        Assert.All(route.Withdrawn, w => Assert.True(w.Reason.Length <= RoutePlanner.ReasonLengthMaximum));
    }

    private static RouteOutcome Introduce(
        RouteState? current, RoutedVersion version, RolloutPolicy? policy = null, bool byPerson = false) =>
        RoutePlanner.Introduce(
            current, 7, "ocr-rec", Some.Cpu.Target, version, policy ?? Some.Steps(10, 50), byPerson, "ada", Some.Now);

    private static RouteChange Changed(RouteOutcome outcome) => Assert.IsType<RouteOutcome.Changed>(outcome).Change;

    private static void AssertRoute(RouteState state, string stable, string? candidate = null, int weight = 0) =>
        Assert.Equal(
            (stable, candidate, weight),
            (state.Route.Stable?.Version, state.Route.Candidate?.Version, state.Route.CandidateWeight));
}
