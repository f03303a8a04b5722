using Pipeline.Core.Events;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Routing;

public sealed class RoutePinTests
{
    private static readonly RouteState Pinned = Changed(Pin(Some.Route(Some.Version(3)))).After;

    [Fact]
    public void Pin_OnAStableRoute_IsKeptWithWhoAndWhy()
    {
        RouteChange change = Changed(Pin(Some.Route(Some.Version(3))));
        Assert.Equal(("ada", "Fair.", Some.Now), (change.After.Pin!.Who, change.After.Pin.Why, change.After.Pin.At));
        Assert.Equal((7, "ada", "Pinned to 'ocr-rec/3': Fair."), (change.ExpectedRevision, change.Who, change.Why));
        Assert.Equal(change.Before!.Route, change.After.Route);
    }

    [Fact]
    public void Pin_WithoutAReason_IsRefused() =>
        Refused(RoutePlanner.Pin(Some.Route(Some.Version(3)), 7, " ", "ada", Some.Now), "A pin needs a reason; say why.");

    [Fact]
    public void Pin_WhileACandidateIsThere_IsRefused() =>
        Refused(
            Pin(Some.Route(Some.Version(3), Some.Version(4))),
            "'ocr-rec/4' is rolling out on 'cpu-x64-avx2'; withdraw it first, then pin.");

    [Fact]
    public void Pin_WithoutAStableVersion_IsRefused() =>
        Refused(Pin(Some.Route(null)), "Nothing serves 'ocr-rec' on 'cpu-x64-avx2'; there is nothing to keep.");

    [Fact]
    public void Pin_Again_ChangesNothing() =>
        Assert.Equal(
            "'ocr-rec' is pinned on 'cpu-x64-avx2' by ada: Fair.",
            Assert.IsType<RouteOutcome.Unchanged>(RoutePlanner.Pin(Pinned, 8, "Other.", "bob", Some.Now)).Reason);

    [Fact]
    public void PinnedRoute_RefusesAnotherVersion_EvenByAPerson()
    {
        foreach (bool byPerson in new[] { false, true })
            Refused(Introduce(Pinned, Some.Version(4), byPerson), "'ocr-rec' is pinned on 'cpu-x64-avx2' by ada: Fair.");
    }

    [Fact]
    public void PinnedRoute_TakesAFurtherRuntimeOfItsVersion() =>
        Assert.Equal(
            2, Changed(Introduce(Pinned, Some.Version(3, Some.Cpu.Runtime, "ort-1.30.0-cpu"))).After.Route.Stable!.Engines.Count);

    [Fact]
    public void PinnedRoute_IsRolledBackByAPerson_AndStaysPinned()
    {
        RouteState after = Changed(RoutePlanner.Rollback(
            Pinned with { Previous = Some.Version(2) }, 8, "Bad.", "bob", Some.Now)).After;
        Assert.Equal(("2", "ada"), (after.Route.Stable!.Version, after.Pin?.Who));
    }

    [Fact]
    public void PinnedRoute_TakesNoStep()
    {
        RouteState odd = Some.Route(Some.Version(3), Some.Version(4)) with { Pin = Pinned.Pin };
        var none = new WindowCounters { Requests = 0, Errors = 0, Latency = [] };
        foreach (RolloutAction action in new[] { RolloutAction.Advance, RolloutAction.Promote })
        {
            var decision = new RolloutDecision { Action = action, Reason = "So.", Stable = none, Candidate = none };
            Assert.IsType<RouteOutcome.Unchanged>(RoutePlanner.Apply(odd, 8, decision, "pipeline", Some.Now));
        }
    }

    [Fact]
    public void Unpin_LetsTheNextVersionIn()
    {
        RouteChange change = Changed(RoutePlanner.Unpin(Pinned, 8, "", "bob"));
        Assert.Null(change.After.Pin);
        Assert.Equal("Unpinned: bob lifted the pin of ada.", change.Why);
        Assert.Equal("4", Changed(Introduce(change.After, Some.Version(4))).After.Route.Candidate?.Version);
    }

    [Fact]
    public void Unpin_WithoutAPin_ChangesNothing() =>
        Assert.IsType<RouteOutcome.Unchanged>(RoutePlanner.Unpin(Some.Route(Some.Version(3)), 8, "So.", "bob"));

    [Fact]
    public void Withdraw_TakesTheCandidateBack_ForGood()
    {
        RouteChange change = Changed(RoutePlanner.Withdraw(
            Some.Route(Some.Version(3), Some.Version(4)), 7, "A hunch.", "ada", Some.Now));
        Assert.Equal((null, 0, "3"), (change.After.Route.Candidate, change.After.Route.CandidateWeight, change.After.Route.Stable!.Version));
        Assert.Equal(
            (EventTypes.RolloutWithdrawn, "ada", "'ocr-rec/4' withdrawn: A hunch."), (change.EventType, change.Who, change.Why));
        Assert.IsType<RouteOutcome.Refused>(Introduce(change.After, Some.Version(4)));
    }

    [Fact]
    public void Withdraw_WithoutACandidate_IsRefused_AndStableStays() =>
        Refused(
            RoutePlanner.Withdraw(
                Some.Route(Some.Version(3)) with { Previous = Some.Version(2) }, 7, "A hunch.", "ada", Some.Now),
            "'ocr-rec' has no candidate on 'cpu-x64-avx2'.");

    [Fact]
    public void Withdraw_WithoutAReason_IsRefused() =>
        Refused(
            RoutePlanner.Withdraw(Some.Route(Some.Version(3), Some.Version(4)), 7, "", "ada", Some.Now),
            "A withdrawal needs a reason; say why.");

    private static RouteOutcome Pin(RouteState route) => RoutePlanner.Pin(route, 7, "Fair.", "ada", Some.Now);

    private static RouteOutcome Introduce(RouteState route, RoutedVersion version, bool byPerson = false) =>
        RoutePlanner.Introduce(
            route, 8, "ocr-rec", Some.Cpu.Target, version, Some.Steps(10), byPerson, "pipeline", Some.Now);

    private static RouteChange Changed(RouteOutcome outcome) => Assert.IsType<RouteOutcome.Changed>(outcome).Change;

    private static void Refused(RouteOutcome outcome, string reason) =>
        Assert.Equal(reason, Assert.IsType<RouteOutcome.Refused>(outcome).Reason);
}
