using System.Collections.Immutable;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Routing;

/// <summary>
/// Who wins on a route. Every change names the revision that it was decided on; when the target has moved since, the caller
/// reads again and asks again.
/// </summary>
public static partial class RoutePlanner
{
    public const int ReasonLengthMaximum = 300;

    /// <summary>
    /// Brings a version whose gates passed, with all its engines for the target: as stable when there is none, as a candidate
    /// on the first step of <paramref name="policy"/> otherwise. Asking again for the same version changes nothing, or adds
    /// its engines for further runtimes.
    /// </summary>
    /// <param name="byPerson">Whether a person asks: only then a version that was taken off this route may come back.</param>
    /// <param name="inUse">The lanes that are deployed or that edges run; null: whatever stable has an engine for.</param>
    public static RouteOutcome Introduce(
        RouteState? current, long revision, string model, string target, RoutedVersion version, RolloutPolicy policy,
        bool byPerson, string who, DateTimeOffset now, IReadOnlyCollection<Lane>? inUse = null)
    {
        string name = $"{model}/{version.Version}";
        if (version.Engines.IsEmpty) return new RouteOutcome.Refused($"Version '{name}' brings no engine for '{target}'.");
        RouteState state = current ?? new RouteState { Route = new Route { Model = model, Target = target } };
        RouteOutcome Change(RouteState after, string why) =>
            Changed(current, after, revision, EventTypes.RouteChanged, who, why);

        WithdrawnVersion? withdrawn = state.Withdrawn.FirstOrDefault(w => w.Version == version.Version);
        if (withdrawn is not null && !byPerson)
        {
            return new RouteOutcome.Refused(
                $"Version '{name}' was taken off '{target}' ({withdrawn.Reason}); only an approval brings it back.");
        }

        if (state.Route.Stable is not { } stable)
        {
            return Change(ToStable(state, version, previous: null), $"'{name}' is the first version on '{target}'.");
        }

        if (stable.Version == version.Version)
        {
            return AddEngines(stable, version) is { } fuller
                ? Change(state with { Route = state.Route with { Stable = fuller } }, Added(fuller, stable, name))
                : new RouteOutcome.Unchanged($"Version '{name}' is stable on '{target}' already.");
        }

        if (state.Route.Candidate is { } candidate && candidate.Version == version.Version)
        {
            return AddEngines(candidate, version) is { } fuller
                ? Change(state with { Route = state.Route with { Candidate = fuller } }, Added(fuller, candidate, name))
                : new RouteOutcome.Unchanged($"Version '{name}' is the candidate on '{target}' already.");
        }

        if (IsSuperseded(state, version.AcceptanceNumber, byPerson))
        {
            return new RouteOutcome.Unchanged($"Version '{name}' is superseded on '{target}' by a newer one.");
        }

        // What only adds to a version that is here already is past this point.
        if (state.Pin is { } pin) return new RouteOutcome.Refused(Pinned(state, pin));
        if (MissingRuntime(state.Route, version.Engines.Keys, inUse) is { } runtime)
        {
            return new RouteOutcome.Refused(
                $"Version '{name}' has no engine for '{target}/{runtime}', where '{model}/{stable.Version}' serves; "
                + "first build it there, then move.");
        }

        if (version.HasSameEngines(stable))
        {
            return Change(
                ToStable(state, version, state.Previous), $"'{name}' is the same engine as '{model}/{stable.Version}'.");
        }

        if (policy.Steps.IsEmpty)
        {
            return Change(ToStable(state, version, stable), $"'{name}' replaces '{model}/{stable.Version}' without steps.");
        }

        RouteState after = Newest(state, version) with
        {
            Route = state.Route with
            {
                Candidate = version,
                CandidateWeight = policy.Steps[0].Weight,
                StepRevision = revision + 1,
                Shadow = policy.Shadow,
            },
            Rollout = new RolloutState { Policy = policy, Step = 0, StepStartedAt = now },
        };
        return Change(after, $"'{name}' begins at {Percent(policy.Steps[0].Weight)}.");
    }

    /// <summary>
    /// Puts back what served before: a candidate is withdrawn; without one, the recorded previous version becomes stable
    /// again, exactly as it was. The version that leaves never comes back by itself.
    /// </summary>
    public static RouteOutcome Rollback(
        RouteState current, long revision, string reason, string who, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(reason)) return new RouteOutcome.Refused("A rollback needs a reason; say why.");
        Route route = current.Route;
        if (route.Candidate is not null) return Withdraw(current, revision, reason, who, now);
        if (route.Stable is not { } stable || current.Previous is not { } previous)
        {
            return new RouteOutcome.Refused(
                $"Nothing served '{route.Model}' on '{route.Target}' before what serves now; there is nothing to go back to.");
        }

        RouteState after = current with
        {
            Route = route with { Stable = previous },
            Previous = null,
            Withdrawn = With(current.Withdrawn, stable.Version, reason, now),
            HighestAcceptanceNumber = current.NewestNumber,
        };
        return Changed(
            current, after, revision, EventTypes.RouteChanged, who,
            $"Back from '{route.Model}/{stable.Version}' to '{route.Model}/{previous.Version}': {reason}");
    }

    /// <summary>
    /// A runtime on which stable serves and a version with engines for only <paramref name="runtimes"/> could not follow it;
    /// null when there is none. A runtime that left the target keeps nobody waiting.
    /// </summary>
    /// <param name="inUse">The lanes that are deployed or that edges run; null: whatever stable has an engine for.</param>
    public static string? MissingRuntime(Route route, IEnumerable<string> runtimes, IReadOnlyCollection<Lane>? inUse) =>
        route.Stable?.Engines.Keys.Except(runtimes)
            .FirstOrDefault(r => inUse is null || inUse.Contains(new Lane(route.Target, r)));

    /// <summary>Whether a newer version keeps this one off the route.</summary>
    /// <param name="byPerson">Whether a person brings it back: then only what is there now counts.</param>
    public static bool IsSuperseded(RouteState state, long acceptanceNumber, bool byPerson) =>
        acceptanceNumber < state.Route.Stable?.AcceptanceNumber
        || acceptanceNumber < state.Route.Candidate?.AcceptanceNumber
        || (!byPerson && acceptanceNumber < state.HighestAcceptanceNumber);

    private static RouteOutcome Withdraw(
        RouteState current, long revision, string reason, string who, DateTimeOffset now, RolloutEvidence? evidence = null)
    {
        RoutedVersion candidate = current.Route.Candidate!;
        RouteState after = current with
        {
            Route = WithoutCandidate(current.Route),
            Rollout = null,
            Withdrawn = With(current.Withdrawn, candidate.Version, reason, now),
            HighestAcceptanceNumber = current.NewestNumber,
        };
        return Changed(
            current, after, revision, EventTypes.RolloutWithdrawn, who,
            $"'{current.Route.Model}/{candidate.Version}' withdrawn: {reason}", evidence);
    }

    private static RouteState ToStable(RouteState state, RoutedVersion version, RoutedVersion? previous) =>
        Newest(state, version) with
        {
            Route = WithoutCandidate(state.Route) with { Stable = version },
            Previous = previous,
            Rollout = null,
        };

    private static Route WithoutCandidate(Route route) =>
        route with { Candidate = null, CandidateWeight = 0, StepRevision = 0, Shadow = null };

    // The version is on its way in, so it is no longer one that was taken off.
    private static RouteState Newest(RouteState state, RoutedVersion version) => state with
    {
        Withdrawn = [.. state.Withdrawn.Where(w => w.Version != version.Version)],
        HighestAcceptanceNumber = Math.Max(state.NewestNumber, version.AcceptanceNumber),
    };

    // An engine that is routed already stays: what was gated and served is not exchanged under the same version.
    private static RoutedVersion? AddEngines(RoutedVersion routed, RoutedVersion version)
    {
        ImmutableSortedDictionary<string, RoutedEngine> engines = routed.Engines.AddRange(
            version.Engines.Where(e => !routed.Engines.ContainsKey(e.Key)));
        return engines.Count == routed.Engines.Count ? null : routed with { Engines = engines };
    }

    private static string Added(RoutedVersion fuller, RoutedVersion before, string name) =>
        $"'{name}' also runs on {string.Join(", ", fuller.Engines.Keys.Except(before.Engines.Keys))}.";

    private static ImmutableArray<WithdrawnVersion> With(
        ImmutableArray<WithdrawnVersion> withdrawn, string version, string reason, DateTimeOffset now) =>
    [
        .. withdrawn.Where(w => w.Version != version).TakeLast(RouteState.WithdrawnMaximum - 1),
        new WithdrawnVersion { Version = version, Reason = Sentence.Bound(reason, ReasonLengthMaximum), At = now },
    ];

    private static RouteOutcome.Changed Changed(
        RouteState? before, RouteState after, long revision, string eventType, string who, string why,
        RolloutEvidence? evidence = null) =>
        new(new RouteChange
        {
            ExpectedRevision = revision,
            Before = before,
            After = after,
            EventType = eventType,
            Who = who,
            Why = Sentence.Bound(why),
            Evidence = evidence,
        });

    private static string Percent(int weight) => $"{weight / 100.0:0.##} %";
}
