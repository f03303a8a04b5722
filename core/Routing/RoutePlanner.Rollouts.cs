using System.Collections.Immutable;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Routing;

/// <summary>The changes of a rollout under way.</summary>
public static partial class RoutePlanner
{
    /// <summary>Turns what the analysis decided into the route's next form; waiting leaves it as it is.</summary>
    /// <param name="inUse">The lanes that are deployed or that edges run; null: whatever stable has an engine for.</param>
    public static RouteOutcome Apply(
        RouteState current, long revision, RolloutDecision decision, string who, DateTimeOffset now,
        IReadOnlyCollection<Lane>? inUse = null)
    {
        if (current is not { Rollout: { } rollout, Route.Candidate: { } candidate, Route.Stable: { } stable })
        {
            return new RouteOutcome.Unchanged(NoRollout(current));
        }

        RolloutEvidence evidence = RolloutEvidence.Of(decision, now);
        if (decision.Action == RolloutAction.Withdraw)
        {
            return Withdraw(current, revision, decision.Reason, who, now, evidence);
        }

        if (decision.Action == RolloutAction.Wait) return new RouteOutcome.Unchanged(decision.Reason);
        if (current.Pin is { } pin) return new RouteOutcome.Unchanged(Pinned(current, pin));
        if (rollout.PausedBecause is { } paused) return new RouteOutcome.Unchanged($"The rollout is paused: {paused}");
        if (decision.Action == RolloutAction.Hold) return Pause(current, revision, decision.Reason, who, now, evidence);
        if (decision.Action == RolloutAction.Promote)
        {
            return MissingRuntime(current.Route, candidate.Engines.Keys, inUse) is { } runtime
                ? new RouteOutcome.Refused(
                    $"'{candidate.Version}' has no engine for '{current.Route.Target}/{runtime}', where '{stable.Version}' "
                    + "serves; first build it there, then move.")
                : Changed(
                    current, ToStable(current, candidate, stable), revision, EventTypes.RouteChanged, who, decision.Reason,
                    evidence);
        }

        ImmutableArray<RolloutStep> steps = rollout.Policy.Steps;
        int next = rollout.Step + 1;
        if (next >= steps.Length) return new RouteOutcome.Refused("The last step is taken; only promotion is left.");
        RouteState after = current with
        {
            Route = current.Route with { CandidateWeight = steps[next].Weight, StepRevision = revision + 1 },
            Rollout = rollout with { Step = next, StepStartedAt = now, Baseline = [], Evidence = evidence },
        };
        return Changed(
            current, after, revision, EventTypes.RolloutAdvanced, who,
            $"'{current.Route.Model}/{candidate.Version}' takes {Percent(steps[next].Weight)}: {decision.Reason}", evidence);
    }

    /// <summary>Stops the steps until a person resumes; the candidate keeps its weight.</summary>
    /// <param name="evidence">The numbers when the analysis stops it; null when a person does.</param>
    public static RouteOutcome Pause(
        RouteState current, long revision, string reason, string who, DateTimeOffset now,
        RolloutEvidence? evidence = null)
    {
        if (current.Rollout is not { } rollout) return new RouteOutcome.Refused(NoRollout(current));
        if (rollout.PausedBecause is { } paused)
        {
            return new RouteOutcome.Unchanged($"The rollout is paused already: {paused}");
        }

        string because = Sentence.Bound(
            string.IsNullOrWhiteSpace(reason) ? $"{who} paused it." : reason, ReasonLengthMaximum);
        RolloutState after = rollout with { PausedBecause = because, Evidence = evidence ?? rollout.Evidence };
        return Changed(
            current, current with { Rollout = after }, revision, EventTypes.RouteChanged, who, $"Paused: {because}", evidence);
    }

    /// <summary>Lets the steps go on. The step's time and counts begin anew, since nobody watched the old ones.</summary>
    public static RouteOutcome Resume(
        RouteState current, long revision, string reason, string who, DateTimeOffset now)
    {
        if (current.Rollout is not { } rollout) return new RouteOutcome.Refused(NoRollout(current));
        if (rollout.PausedBecause is null) return new RouteOutcome.Unchanged("The rollout is not paused.");
        RouteState after = current with
        {
            Route = current.Route with { StepRevision = revision + 1 },
            Rollout = rollout with { PausedBecause = null, StepStartedAt = now, Baseline = [] },
        };
        string because = string.IsNullOrWhiteSpace(reason) ? $"{who} resumed it." : reason;
        return Changed(current, after, revision, EventTypes.RouteChanged, who, $"Resumed: {because}");
    }

    private static string Pinned(RouteState state, RoutePin pin) =>
        $"'{state.Route.Model}' is pinned on '{state.Route.Target}' by {pin.Who}: {pin.Why}";

    private static string NoRollout(RouteState state) =>
        $"'{state.Route.Model}' has no rollout under way on '{state.Route.Target}'.";
}
