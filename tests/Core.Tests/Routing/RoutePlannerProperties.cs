using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Routing;

/// <summary>What holds after any sequence of actions on one route.</summary>
public sealed class RoutePlannerProperties
{
    private const int KindCount = 7;

    private static readonly int[] Weights = [.. Some.Steps(10, 25.5, 50).Steps.Select(s => s.Weight)];

    [Fact]
    public void Weight_IsAlwaysOneOfThePolicyOrZero() => Check((_, after, _) =>
        after.Route.Candidate is null ? after.Route.CandidateWeight == 0 : Weights.Contains(after.Route.CandidateWeight));

    [Fact]
    public void Rollout_ExistsExactlyWithACandidate_AndOnlyOverAStable() => Check((_, after, _) =>
        after.Rollout is null == after.Route.Candidate is null
        && (after.Route.Candidate is null || after.Route.Stable is not null)
        && after.Route.Candidate?.Version != after.Route.Stable?.Version);

    [Fact]
    public void Route_NamesOnlyEnginesThatItWasGiven() => Check((_, after, _) =>
        new[] { after.Route.Stable, after.Route.Candidate, after.Previous }.OfType<RoutedVersion>().All(v =>
            v.Engines.All(e => e.Value.EngineDigest == Some.Version((int)v.AcceptanceNumber, e.Key).Engines[e.Key].EngineDigest)));

    [Fact]
    public void Route_NeverServesAVersionThatIsWithdrawn() => Check((_, after, _) =>
        !after.Withdrawn.Any(w => w.Version == after.Route.Stable?.Version || w.Version == after.Route.Candidate?.Version));

    [Fact]
    public void Runtime_ThatServes_NeverLosesItsEngineButByRollback() => Check((before, after, kind) =>
        kind == Kind.Rollback || before?.Route.Stable is not { } stable
        || stable.Engines.Keys.All(after.Route.Stable!.Engines.ContainsKey));

    [Fact]
    public void Rollback_AfterAPromotion_PutsBackExactlyTheStableBefore() => Check((before, after, kind) =>
        kind != Kind.Rollback
        || ReferenceEquals(after.Route.Stable, before!.Route.Candidate is null ? before.Previous : before.Route.Stable));

    [Fact]
    public void Version_ThatIsTakenOff_IsRemembered() => Check((before, after, kind) =>
        kind is not (Kind.Rollback or Kind.Withdraw)
        || after.Withdrawn[^1].Version == (before!.Route.Candidate ?? before.Route.Stable)!.Version);

    [Fact]
    public void Version_ThatWasTakenOff_ComesBackOnlyByAPerson() => Check((before, after, kind) =>
        kind == Kind.IntroduceByPerson
        || before is null || before.Withdrawn.All(w => after.Withdrawn.Any(a => a.Version == w.Version)));

    [Fact]
    public void Promotion_RecordsTheStableBeforeIt() => Check((before, after, kind) =>
        before?.Route.Stable is not { } stable || after.Route.Stable!.Version == stable.Version || kind == Kind.Rollback
        || ReferenceEquals(after.Previous, stable) || after.Route.Stable.HasSameEngines(stable));

    [Fact]
    public void Repeating_AnIntroduction_ChangesNothing() => Check((_, after, kind) =>
        kind != Kind.Introduce || new[] { after.Route.Stable, after.Route.Candidate }.OfType<RoutedVersion>().All(v =>
            Introduce(after, v, 0, byPerson: false) is RouteOutcome.Unchanged));

    private enum Kind
    {
        Introduce,
        IntroduceByPerson,
        Advance,
        Promote,
        Withdraw,
        Rollback,
        PauseOrResume,
    }

    private static void Check(Func<RouteState?, RouteState, Kind, bool> holds) =>
        Prop.ForAll<int[]>(numbers =>
        {
            RouteState? route = null;
            long revision = 0;
            foreach (int number in numbers ?? [])
            {
                int positive = number & int.MaxValue;
                var kind = (Kind)(positive % KindCount);
                if (Act(route, kind, positive / KindCount, revision) is not RouteOutcome.Changed { Change: var change }) continue;
                bool same = change.ExpectedRevision == revision++ && ReferenceEquals(change.Before, route)
                    && change.Why.Length > 0;
                if (!same || !holds(route, change.After, kind)) return false;
                route = change.After;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(100));

    private static RouteOutcome? Act(RouteState? route, Kind kind, int argument, long revision)
    {
        if (kind is Kind.Introduce or Kind.IntroduceByPerson)
        {
            string[] runtimes = [Some.Cpu.Runtime, "ort-1.29.0-webgpu"];
            RoutedVersion version = Some.Version(Pick(route, argument), runtimes[..(1 + argument / 4 % 2)]);
            return Introduce(route, version, revision, kind == Kind.IntroduceByPerson);
        }

        if (route is null) return null;
        return kind switch
        {
            Kind.Advance => Apply(route, RolloutAction.Advance, revision),
            Kind.Promote => Apply(route, RolloutAction.Promote, revision),
            Kind.Withdraw => Apply(route, RolloutAction.Withdraw, revision),
            Kind.Rollback => RoutePlanner.Rollback(route, revision, "Bad.", "ada", Some.Now),
            _ => route.Rollout?.PausedBecause is null
                ? RoutePlanner.Pause(route, revision, "Wait.", "ada", Some.Now)
                : RoutePlanner.Resume(route, revision, "Go on.", "ada", Some.Now),
        };
    }

    // A new version, the stable one, the candidate, or any that was there before.
    private static int Pick(RouteState? route, int argument)
    {
        int newest = (int)(route?.NewestNumber ?? 0);
        return (argument % 4) switch
        {
            1 => (int)(route?.Route.Stable?.AcceptanceNumber ?? 1),
            2 => (int)(route?.Route.Candidate?.AcceptanceNumber ?? 1),
            3 => 1 + argument / 8 % (newest + 1),
            _ => newest + 1,
        };
    }

    private static RouteOutcome Introduce(RouteState? route, RoutedVersion version, long revision, bool byPerson) =>
        RoutePlanner.Introduce(
            route, revision, "ocr-rec", Some.Cpu.Target, version, Some.Steps(10, 25.5, 50), byPerson, "ada", Some.Now);

    private static RouteOutcome Apply(RouteState route, RolloutAction action, long revision)
    {
        var none = new WindowCounters { Requests = 0, Errors = 0, Latency = [] };
        return RoutePlanner.Apply(
            route, revision, new RolloutDecision { Action = action, Reason = "So.", Stable = none, Candidate = none },
            "pipeline", Some.Now);
    }
}
