using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Promotions;

/// <summary>
/// Where a promotion is, told from its lanes and the routes of its model. The truth is kept per lane and per route; the
/// stored state is only this fold as last computed, so that folding again never changes anything else.
/// </summary>
public static class PromotionFold
{
    /// <summary>One lane's own state; <paramref name="route"/> is that of the promotion's model on the lane's target.</summary>
    public static PromotionState FoldLane(Promotion promotion, LaneRecord lane, RouteState? route) => lane.Phase switch
    {
        LanePhase.Failed => PromotionState.Rejected,
        LanePhase.Error => PromotionState.Failed,
        LanePhase.Inconclusive => PromotionState.Held,
        LanePhase.Passed => FoldPassed(promotion, lane, route),
        _ => PromotionState.Building,
    };

    /// <summary>The whole; <paramref name="routesByTarget"/> holds the routes of the promotion's model.</summary>
    public static PromotionSummary Fold(
        Promotion promotion, IReadOnlyList<LaneRecord> lanes, IReadOnlyDictionary<string, RouteState> routesByTarget)
    {
        Lane[] missing = [.. promotion.Lanes.Except(lanes.Select(l => l.Lane))];
        var tally = new Tally(
            [.. lanes.Select(l => FoldOne(promotion, l, lanes, routesByTarget.GetValueOrDefault(l.Lane.Target)))],
            [.. lanes.Where(l => l.Phase == LanePhase.Queued).Select(l => l.Lane), .. missing],
            lanes.Count + missing.Length,
            promotion.Policy.Quorum);

        (PromotionState state, string reason) = promotion switch
        {
            { End: { } end } => (end.State, end.Reason),
            _ when lanes.Count == 0 => (PromotionState.Accepted, "Accepted; its builds are not planned yet."),
            _ => OnRoutes(promotion, tally, routesByTarget) ?? BeforeRoutes(promotion, tally),
        };
        return new PromotionSummary
        {
            State = state,
            Reason = Sentence.Bound(reason),
            QuorumReached = tally.QuorumReached,
            HasTraffic = tally.In(PromotionState.Live).Concat(tally.In(PromotionState.RollingOut)).Any(),
            Open = state is PromotionState.Accepted or PromotionState.Building or PromotionState.Gated
                or PromotionState.RollingOut or PromotionState.Held,
            Building = promotion.End is null && tally.Building.Length > 0,
        };
    }

    private static PromotionState FoldPassed(Promotion promotion, LaneRecord lane, RouteState? state)
    {
        if (state is null) return PromotionState.Gated;
        Route route = state.Route;
        if (state.Withdrawn.Any(w => w.Version == promotion.Version)) return PromotionState.RolledBack;
        if (route.Stable?.Version == promotion.Version)
        {
            return route.Stable.Engines.ContainsKey(lane.Lane.Runtime) ? PromotionState.Live : PromotionState.Gated;
        }

        if (route.Candidate?.Version == promotion.Version)
        {
            return route.Candidate.Engines.ContainsKey(lane.Lane.Runtime) ? PromotionState.RollingOut : PromotionState.Gated;
        }

        return promotion.AcceptanceNumber < state.NewestNumber ? PromotionState.Superseded : PromotionState.Gated;
    }

    private static Folded FoldOne(Promotion promotion, LaneRecord lane, IReadOnlyList<LaneRecord> lanes, RouteState? route)
    {
        PromotionState state = FoldLane(promotion, lane, route);
        return new Folded(lane, state, state == PromotionState.Gated ? Obstacle(promotion, lane.Lane.Target, lanes, route) : null);
    }

    // What the route planner refuses: nothing moves by itself then, so it must not look as if it would.
    private static string? Obstacle(Promotion promotion, string target, IReadOnlyList<LaneRecord> lanes, RouteState? state)
    {
        if (state?.Route.Stable is not { } stable || stable.Version == promotion.Version
            || state.Route.Candidate?.Version == promotion.Version) return null;
        string? runtime = stable.Engines.Keys.Except(lanes
            .Where(l => l.Lane.Target == target && l.Phase == LanePhase.Passed).Select(l => l.Lane.Runtime)).FirstOrDefault();
        return runtime is null
            ? null
            : $"{target} waits for an engine for '{runtime}', where version '{stable.Version}' serves";
    }

    private static (PromotionState State, string Reason)? OnRoutes(
        Promotion promotion, Tally tally, IReadOnlyDictionary<string, RouteState> routesByTarget)
    {
        RouteState[] rollouts =
        [
            .. tally.In(PromotionState.RollingOut).Select(l => l.Record.Lane.Target).Distinct().Order(StringComparer.Ordinal)
                .Select(t => routesByTarget[t]),
        ];
        RouteState? paused = rollouts.FirstOrDefault(r => r.Rollout?.PausedBecause is not null);
        if (paused is not null)
        {
            return (PromotionState.Held, $"The rollout on {paused.Route.Target} is paused: {paused.Rollout!.PausedBecause}");
        }

        if (rollouts.Length > 0)
        {
            return (PromotionState.RollingOut, $"Rolling out: {string.Join("; ", rollouts.Select(Describe))}.");
        }

        bool waiting = tally.In(PromotionState.Gated).Any(l => l.Obstacle is null);
        int live = tally.In(PromotionState.Live).Count();
        if (live > 0 && !waiting)
        {
            string others = tally.Describe(l => l.State != PromotionState.Live);
            return (PromotionState.Live, $"Live on {live} of {Sentence.Count(tally.Total, "lane")}{others}.");
        }

        if (tally.In(PromotionState.Gated).Any() || tally.Passed == 0) return null;
        bool rolledBack = tally.In(PromotionState.RolledBack).Any();
        return rolledBack
            ? (PromotionState.RolledBack, $"Taken off its routes: {WhyWithdrawn(promotion, tally, routesByTarget)}")
            : (PromotionState.Superseded, "A newer version took its place on every route it passed for.");
    }

    private static (PromotionState State, string Reason) BeforeRoutes(Promotion promotion, Tally tally)
    {
        string passed = $"{tally.Passed} of {Sentence.Count(tally.Total, "lane")} passed";
        if (tally.QuorumReached)
        {
            if (promotion.Policy.ApprovalRequired && promotion.Approval is null)
                return (PromotionState.Held, $"{passed}; it waits for approval before traffic moves.");
            Folded[] next = [.. tally.In(PromotionState.Gated).Where(l => l.Obstacle is null)];
            if (next.Length > 0)
                return (PromotionState.Gated, $"{passed}; {string.Join(", ", next.Select(l => l.Record.Lane))} next on the route.");
            string blocked = tally.Describe(l => l.Obstacle is not null || l.Record.Phase != LanePhase.Passed);
            return tally.Building.Length > 0
                ? (PromotionState.Building, $"{passed}{blocked}.")
                : (PromotionState.Held, $"{passed}{blocked}; first build it there, then traffic can move.");
        }

        string others = tally.Describe(l => l.Record.Phase != LanePhase.Passed);
        if (tally.QuorumReachable) return (PromotionState.Building, $"{passed}{others}.");

        PromotionState state = tally.In(PromotionState.Rejected).Any() ? PromotionState.Rejected
            : tally.In(PromotionState.Failed).Any() ? PromotionState.Failed
            : PromotionState.Held;
        return (state, $"{passed}, {tally.Quorum} needed{others}.");
    }

    private static string Describe(RouteState state) =>
        state.Rollout is { } rollout
            ? $"{state.Route.CandidateWeight / 100.0:0.##} % on {state.Route.Target}, step {rollout.Step + 1} of "
                + $"{rollout.Policy.Steps.Length}"
            : $"{state.Route.CandidateWeight / 100.0:0.##} % on {state.Route.Target}";

    private static string WhyWithdrawn(
        Promotion promotion, Tally tally, IReadOnlyDictionary<string, RouteState> routesByTarget) =>
        string.Join(" ", tally.In(PromotionState.RolledBack).Select(l => l.Record.Lane.Target).Distinct()
            .Select(t => $"{t}: {routesByTarget[t].Withdrawn.First(w => w.Version == promotion.Version).Reason}"));

    private sealed record Folded(LaneRecord Record, PromotionState State, string? Obstacle)
    {
        public string Describe() => Record.Phase switch
        {
            LanePhase.Failed => $"{Record.Lane} failed {GateReason(Verdict.Failed)}",
            LanePhase.Inconclusive => $"{Record.Lane} lacks evidence for {GateReason(Verdict.Inconclusive)}",
            LanePhase.Error => $"{Record.Lane} could not be built: {Trim(Record.Failure?.Message ?? "the reason is not known")}",
            _ => State switch
            {
                PromotionState.RolledBack => $"{Record.Lane} was rolled back",
                PromotionState.Superseded => $"{Record.Lane} was superseded",
                _ => Obstacle ?? "",
            },
        };

        private string GateReason(Verdict verdict)
        {
            GateDecision? decision = Record.Decisions.FirstOrDefault(d => d.Verdict == verdict);
            return decision is null ? "a gate" : $"the {decision.Gate} gate: {Trim(string.Join(" ", decision.Reasons))}";
        }

        private static string Trim(string sentence) => sentence.TrimEnd('.', ' ');
    }

    private sealed record Tally(Folded[] Lanes, Lane[] Building, int Total, int? QuorumSet)
    {
        public int Quorum => Math.Max(1, QuorumSet ?? Total);

        public int Passed => Lanes.Count(l => l.Record.Phase == LanePhase.Passed);

        public bool QuorumReached => Passed >= Quorum;

        public bool QuorumReachable => Building.Length > 0 && Passed + Building.Length >= Quorum;

        public IEnumerable<Folded> In(PromotionState state) => Lanes.Where(l => l.State == state);

        /// <summary>The lanes that a reader asks about, each with its reason, as the end of a sentence.</summary>
        public string Describe(Func<Folded, bool> which)
        {
            IEnumerable<string> ended = Lanes.Where(which).Select(l => l.Describe()).Where(t => t.Length > 0).Distinct();
            if (Building.Length > 0) ended = ended.Append($"{string.Join(", ", Building)} still building");
            string text = string.Join("; ", ended);
            return text.Length == 0 ? "" : $"; {text}";
        }
    }
}
