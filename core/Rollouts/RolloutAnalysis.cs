using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Rollouts;

/// <summary>
/// Whether a candidate goes on, waits or goes back, on what the edges counted in its present step. It goes back on evidence: a
/// share or a percentile that is worse with 99 % confidence over all looks of the rollout, or an edge that cannot run it. It
/// goes on once it has its time and requests and does not even look worse; in between it waits for evidence.
/// </summary>
public static class RolloutAnalysis
{
    /// <summary>
    /// Fewer failed, slow or diverged requests than this say nothing about a candidate: one stray fault must not.
    /// </summary>
    public const int FaultsMinimum = 3;

    public static RolloutDecision Decide(RouteState state, IReadOnlyList<FleetMember> fleet, DateTimeOffset now)
    {
        (WindowCounters stable, WindowCounters candidate) = FleetWindow.Measure(state, fleet);
        (RolloutAction action, string reason) = Decide(state, fleet, stable, candidate, now);
        return new RolloutDecision
        {
            Action = action,
            Reason = Sentence.Bound(reason),
            Stable = stable,
            Candidate = candidate,
        };
    }

    /// <summary>
    /// As above, and takes back a candidate whose promotion has ended, or whose pause nobody lifted before its deadline: a
    /// candidate must not stay on a route for ever.
    /// </summary>
    /// <param name="promotion">The candidate's; one of another version says nothing.</param>
    public static RolloutDecision Decide(
        RouteState state, Promotion? promotion, IReadOnlyList<FleetMember> fleet, DateTimeOffset now)
    {
        RolloutDecision decision = Decide(state, fleet, now);
        return WhyOver(state, promotion, now) is { } reason
            ? decision with { Action = RolloutAction.Withdraw, Reason = Sentence.Bound(reason) }
            : decision;
    }

    private static string? WhyOver(RouteState state, Promotion? promotion, DateTimeOffset now)
    {
        if (promotion is null || state.Route.Candidate?.Version != promotion.Version) return null;
        if (promotion.End is { } end) return $"Its promotion has ended: {end.Reason}";
        return state.Rollout?.PausedBecause is { } paused && promotion.Hold is { } hold && hold.Deadline < now
            ? $"Nobody resumed it before the deadline {hold.Deadline:u}: {paused}"
            : null;
    }

    private static (RolloutAction Action, string Reason) Decide(
        RouteState state, IReadOnlyList<FleetMember> fleet, WindowCounters stable, WindowCounters candidate,
        DateTimeOffset now)
    {
        if (state is not { Rollout: { } rollout, Route.Candidate: { } version } || rollout.Policy.Steps.IsDefaultOrEmpty)
        {
            return (RolloutAction.Wait, "No rollout is under way.");
        }

        RolloutStep step = rollout.Policy.Steps[Math.Clamp(rollout.Step, 0, rollout.Policy.Steps.Length - 1)];
        string? worse = FailedEngine(state.Route.Model, version.Version, state.Route.Target, rollout, fleet)
            ?? CandidateCheck.Proven(rollout.Policy, step.MinimumSamples, stable, candidate);
        if (worse is not null) return (RolloutAction.Withdraw, worse);
        // A pause stops the steps. It is no reason to leave users with a candidate that turns out to be worse.
        if (rollout.PausedBecause is { } paused) return (RolloutAction.Wait, $"Paused: {paused}");

        TimeSpan waited = now - rollout.StepStartedAt;
        bool baked = waited >= step.BakeTime;
        bool late = baked && waited > rollout.Policy.MaximumWait;
        (long samples, string noun) = step.Weight == 0
            ? (candidate.ShadowCompared, "shadow answer")
            : (candidate.Requests, "request");
        string progress = $"{samples} of {Sentence.Count(step.MinimumSamples, noun)}";
        RolloutAction next = rollout.Step >= rollout.Policy.Steps.Length - 1 ? RolloutAction.Promote : RolloutAction.Advance;
        string? suspected = CandidateCheck.Suspected(rollout.Policy, stable, candidate);
        if (late && suspected is not null)
        {
            return Undecided(rollout.Policy, $"{Text(step)} is undecided after {Text(waited)}: {suspected}");
        }

        if (samples < step.MinimumSamples)
        {
            return late
                ? Starved(rollout.Policy, next, $"{Text(step)} saw {progress} in {Text(waited)}")
                : (RolloutAction.Wait, $"{Text(step)} waits for {(baked ? $"{noun}s only" : Bake(step, waited))}; {progress} so far.");
        }

        if (!baked) return (RolloutAction.Wait, $"{Text(step)} waits for {Bake(step, waited)}; {progress} so far.");
        if (suspected is not null)
        {
            return (RolloutAction.Wait, $"{Text(step)} waits for evidence: {suspected}; that may be chance.");
        }

        string compared = candidate.ShadowCompared == 0
            ? ""
            : $", {candidate.ShadowDiverged} of {Sentence.Count(candidate.ShadowCompared, "shadow answer")} diverged";
        return (next, $"{Text(step)} held for {Text(waited)}: {Text(candidate)}, stable {Text(stable)}{compared}.");
    }

    private static (RolloutAction Action, string Reason) Starved(RolloutPolicy policy, RolloutAction next, string saw) =>
        policy.AfterMaximumWait switch
        {
            StarvedAction.Promote => (next, $"{saw}; the policy goes on without them."),
            StarvedAction.Withdraw => (RolloutAction.Withdraw, $"{saw}; the policy takes it back."),
            _ => (RolloutAction.Hold, $"{saw}; a person decides."),
        };

    // A policy that goes on where nobody asks does not mean a candidate that looks worse to those who do.
    private static (RolloutAction Action, string Reason) Undecided(RolloutPolicy policy, string found) =>
        policy.AfterMaximumWait == StarvedAction.Withdraw
            ? (RolloutAction.Withdraw, $"{found}; the policy takes it back.")
            : (RolloutAction.Hold, $"{found}; a person decides.");

    private static string Bake(RolloutStep step, TimeSpan waited) => $"{Text(step.BakeTime - waited)} of its bake time";

    // Only reports of this step: an edge that died long ago must not speak against a version that was brought back since.
    private static string? FailedEngine(
        string model, string version, string target, RolloutState rollout, IReadOnlyList<FleetMember> fleet)
    {
        foreach (FleetMember member in fleet)
        {
            if (member.Report.Target != target || member.ReportedAt < rollout.StepStartedAt) continue;
            EdgeEngine? failed = member.Report.Engines.FirstOrDefault(e =>
                e.Model == model && e.Version == version && e.Status == EdgeEngineStatus.Failed);
            if (failed is not null)
            {
                return $"Edge '{member.Report.Edge}' cannot run it: {failed.Reason ?? "it gave no reason."}";
            }
        }

        return null;
    }

    private static string Text(RolloutStep step) => $"{step.WeightPercent:0.##} %";

    private static string Text(WindowCounters counters) =>
        $"{counters.Errors} of {Sentence.Count(counters.Requests, "request")} failed";

    private static string Text(TimeSpan time) => time switch
    {
        { TotalSeconds: < 120 } => $"{time.TotalSeconds:0.#} s",
        { TotalMinutes: < 120 } => $"{time.TotalMinutes:0.#} min",
        _ => $"{time.TotalHours:0.#} h",
    };
}
