using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Rollouts;

/// <summary>
/// Whether a candidate goes on, waits or goes back, on what the edges counted in its present step. It goes back only on
/// evidence: a share or a percentile that is worse with 99 % confidence, or an edge that cannot run it.
/// </summary>
public static class RolloutAnalysis
{
    /// <summary>Fewer failed requests than this never withdraw a candidate: one stray fault must not.</summary>
    public const int ErrorsMinimum = 3;

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

        if (rollout.PausedBecause is { } paused) return (RolloutAction.Wait, $"Paused: {paused}");
        RolloutStep step = rollout.Policy.Steps[Math.Clamp(rollout.Step, 0, rollout.Policy.Steps.Length - 1)];
        string? worse = FailedEngine(state.Route.Model, version.Version, state.Route.Target, rollout, fleet)
            ?? MoreErrors(rollout.Policy, stable, candidate)
            ?? Slower(rollout.Policy, step, stable, candidate);
        if (worse is not null) return (RolloutAction.Withdraw, worse);

        TimeSpan waited = now - rollout.StepStartedAt;
        bool enough = candidate.Requests >= step.MinimumSamples;
        if (enough && waited >= step.BakeTime)
        {
            string held = $"{Text(step)} held for {Text(waited)}: {Text(candidate)}, stable {Text(stable)}.";
            return (rollout.Step >= rollout.Policy.Steps.Length - 1 ? RolloutAction.Promote : RolloutAction.Advance, held);
        }

        string samples = $"{candidate.Requests} of {Sentence.Count(step.MinimumSamples, "request")}";
        if (!enough && waited > rollout.Policy.MaximumWait)
        {
            return (RolloutAction.Hold, $"{Text(step)} saw {samples} in {Text(waited)}; a person decides.");
        }

        string missing = waited < step.BakeTime ? $"{Text(step.BakeTime - waited)} of its bake time" : "requests only";
        return (RolloutAction.Wait, $"{Text(step)} waits for {missing}; {samples} so far.");
    }

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

    private static string? MoreErrors(RolloutPolicy policy, WindowCounters stable, WindowCounters candidate)
    {
        if (candidate.Errors < ErrorsMinimum) return null;
        double least = WilsonInterval.Lower(candidate.Errors, candidate.Requests);
        double most = stable.Requests == 0 ? 0 : WilsonInterval.Upper(stable.Errors, stable.Requests);
        return least > most + policy.ErrorShareIncreaseMaximum
            ? $"{candidate.Errors} of {Sentence.Count(candidate.Requests, "request")} failed, stable {stable.Errors} of "
                + $"{stable.Requests}: with 99 % confidence at least {least:P2}, where at most "
                + $"{most + policy.ErrorShareIncreaseMaximum:P2} is allowed."
            : null;
    }

    private static string? Slower(RolloutPolicy policy, RolloutStep step, WindowCounters stable, WindowCounters candidate)
    {
        if (policy.P99RatioMaximum is not { } ratio) return null;
        if (Math.Min(stable.Requests, candidate.Requests) < Math.Max(1, step.MinimumSamples)) return null;
        double least = LatencyQuantile.P99AtLeast(candidate.Latency);
        double most = LatencyQuantile.P99AtMost(stable.Latency);
        return least > ratio * most
            ? $"P99 is about {LatencyQuantile.Estimate(candidate.Latency, 0.99):0.##} ms, stable "
                + $"{LatencyQuantile.Estimate(stable.Latency, 0.99):0.##} ms: with 99 % confidence at least {least:0.##} ms, "
                + $"where at most {ratio * most:0.##} ms is allowed."
            : null;
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
