using Pipeline.Core.Naming;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Promotions;

/// <summary>
/// Where a promotion is, told from its lanes and the routes of its model. The truth is kept per lane and per route; the
/// stored state is only this fold as last computed, so that folding again never changes anything else.
/// </summary>
public static class PromotionFold
{
    private static readonly Dictionary<Lane, int> NoEdges = [];

    /// <summary>
    /// One lane's own state; <paramref name="route"/> is that of the promotion's model on the lane's target. An engine that the
    /// route names has passed its gates once: it serves, whatever a later measurement says, until somebody moves the route.
    /// </summary>
    public static PromotionState FoldLane(Promotion promotion, LaneRecord lane, RouteState? route) =>
        OnRoute(promotion, lane, route?.Route) ?? lane.Phase switch
        {
            LanePhase.Failed => PromotionState.Rejected,
            LanePhase.Error => PromotionState.Failed,
            LanePhase.Inconclusive => PromotionState.Held,
            LanePhase.Passed => FoldPassed(promotion, route),
            _ => PromotionState.Building,
        };

    /// <summary>The whole.</summary>
    /// <param name="routesByTarget">The routes of the promotion's model.</param>
    /// <param name="edgesByLane">
    /// How many edges of each lane reported lately; only a quorum that is a share of the fleet reads it. Null: none did.
    /// </param>
    /// <param name="inUse">The lanes that are deployed or that edges run; null: whatever stable has an engine for.</param>
    public static PromotionSummary Fold(
        Promotion promotion, IReadOnlyList<LaneRecord> lanes, IReadOnlyDictionary<string, RouteState> routesByTarget,
        IReadOnlyDictionary<Lane, int>? edgesByLane = null, IReadOnlyCollection<Lane>? inUse = null)
    {
        Lane[] missing = [.. promotion.Lanes.Except(lanes.Select(l => l.Lane))];
        Tally tally = TallyOf(
            promotion,
            [.. lanes.Select(l => FoldOne(promotion, l, lanes, routesByTarget.GetValueOrDefault(l.Lane.Target), inUse))],
            [.. lanes.Where(l => l.Phase == LanePhase.Queued).Select(l => l.Lane), .. missing],
            [.. lanes.Select(l => l.Lane), .. missing],
            edgesByLane ?? NoEdges);

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
            QuorumReached = tally.Quorum.Reached,
            HasTraffic = tally.Lanes.Any(l => l.IsOnRoute),
            Open = state is PromotionState.Accepted or PromotionState.Building or PromotionState.Gated
                or PromotionState.RollingOut or PromotionState.Held,
            MeasuredAgain = [.. tally.Lanes.Where(l => l.FailedAgain is not null).Select(l => l.FailedAgain!)],
        };
    }

    /// <summary>
    /// Whether a person has approved the version since it was taken off this route; an approval from before says nothing about
    /// bringing it back.
    /// </summary>
    public static bool IsBroughtBack(Promotion promotion, RouteState? route) =>
        route?.Withdrawn.Any(w => w.Version == promotion.Version && w.At < promotion.Approval?.At) == true;

    private static PromotionState? OnRoute(Promotion promotion, LaneRecord lane, Route? route) =>
        Names(route?.Stable, promotion, lane) ? PromotionState.Live
        : Names(route?.Candidate, promotion, lane) ? PromotionState.RollingOut
        : null;

    private static bool Names(RoutedVersion? routed, Promotion promotion, LaneRecord lane) =>
        routed?.Version == promotion.Version && routed.Engines.ContainsKey(lane.Lane.Runtime);

    private static PromotionState FoldPassed(Promotion promotion, RouteState? state)
    {
        if (state is null) return PromotionState.Gated;
        bool back = IsBroughtBack(promotion, state);
        if (!back && state.Withdrawn.Any(w => w.Version == promotion.Version)) return PromotionState.RolledBack;
        // Here with another runtime: its engine for this one joins them.
        bool here = state.Route.Stable?.Version == promotion.Version || state.Route.Candidate?.Version == promotion.Version;
        return !here && promotion.AcceptanceNumber is { } number && RoutePlanner.IsSuperseded(state, number, byPerson: back)
            ? PromotionState.Superseded
            : PromotionState.Gated;
    }

    private static Tally TallyOf(
        Promotion promotion, FoldedLane[] folded, Lane[] building, Lane[] lanes, IReadOnlyDictionary<Lane, int> edges)
    {
        Lane[] passed = [.. folded.Where(l => l.IsOnRoute || l.Record.Phase == LanePhase.Passed).Select(l => l.Record.Lane)];
        // A lane that was not there at acceptance must not take back what the others have reached.
        Quorum quorum = Quorum.Of(
            promotion.Policy, [.. lanes.Except(promotion.JoinedLanes)], [.. passed.Except(promotion.JoinedLanes)],
            [.. building.Except(passed).Except(promotion.JoinedLanes)], edges);
        // It says when traffic may begin to move. Once it moves, lanes that pass later simply join.
        return new Tally(
            folded, building, lanes.Length, passed.Length,
            folded.Any(l => l.IsOnRoute) ? quorum with { Reached = true } : quorum);
    }

    private static FoldedLane FoldOne(
        Promotion promotion, LaneRecord lane, IReadOnlyList<LaneRecord> lanes, RouteState? route, IReadOnlyCollection<Lane>? inUse)
    {
        PromotionState state = FoldLane(promotion, lane, route);
        return new FoldedLane(
            lane,
            state,
            state == PromotionState.Gated ? Obstacle(promotion, lane.Lane.Target, lanes, route, inUse) : null,
            route?.Route.Stable?.Version is { } stable && stable != promotion.Version ? stable : null);
    }

    // What the route planner refuses: nothing moves by itself then, so it must not look as if it would.
    private static FoldedLane.Wait? Obstacle(
        Promotion promotion, string target, IReadOnlyList<LaneRecord> lanes, RouteState? state,
        IReadOnlyCollection<Lane>? inUse)
    {
        if (state?.Route.Stable is not { } stable || stable.Version == promotion.Version
            || state.Route.Candidate?.Version == promotion.Version) return null;
        if (state.Pin is { } pin)
            return new FoldedLane.Wait($"{target} is pinned by {pin.Who}: {pin.Why.TrimEnd('.', ' ')}", "unpin it");
        string? runtime = RoutePlanner.MissingRuntime(
            state.Route, lanes.Where(l => l.Lane.Target == target && l.Phase == LanePhase.Passed).Select(l => l.Lane.Runtime), inUse);
        return runtime is null
            ? null
            : new FoldedLane.Wait(
                $"{target} waits for an engine for '{runtime}', where version '{stable.Version}' serves", "first build it there");
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
            string notThere = tally.Describe(l => !l.IsOnRoute || l.FailedAgain is not null);
            return (PromotionState.RollingOut, $"Rolling out: {string.Join("; ", rollouts.Select(Describe))}{notThere}.");
        }

        bool waiting = tally.In(PromotionState.Gated).Any(l => l.Obstacle is null);
        int live = tally.In(PromotionState.Live).Count();
        if (live > 0 && !waiting)
        {
            string others = tally.Describe(l => l.State != PromotionState.Live || l.FailedAgain is not null);
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
        if (tally.Quorum.Reached)
        {
            if (promotion.Policy.ApprovalRequired && promotion.Approval is null)
                return (PromotionState.Held, $"{passed}; it waits for approval before traffic moves.");
            FoldedLane[] next = [.. tally.In(PromotionState.Gated).Where(l => l.Obstacle is null)];
            if (next.Length > 0)
                return (PromotionState.Gated, $"{passed}; {string.Join(", ", next.Select(l => l.Record.Lane))} next on the route.");
            string blocked = tally.Describe(l => l.Obstacle is not null || l.Record.Phase != LanePhase.Passed);
            string then = string.Join(", ", tally.Lanes.Select(l => l.Obstacle?.Then).OfType<string>().Distinct());
            return tally.Building.Length > 0
                ? (PromotionState.Building, $"{passed}{blocked}.")
                : (PromotionState.Held, $"{passed}{blocked}; {then}, then traffic can move.");
        }

        string others = tally.Describe(l => l.Record.Phase != LanePhase.Passed);
        if (tally.Quorum.Reachable) return (PromotionState.Building, $"{passed}{others}.");

        // The share moves with the edges that report: what passed may be enough of them tomorrow.
        PromotionState state = promotion.Policy.QuorumFleetShare is not null && tally.Passed > 0 ? PromotionState.Held
            : tally.In(PromotionState.Rejected).Any() ? PromotionState.Rejected
            : tally.In(PromotionState.Failed).Any() ? PromotionState.Failed
            : PromotionState.Held;
        return (state, $"{passed}, {tally.Quorum.Needed}{others}.");
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

    private sealed record Tally(FoldedLane[] Lanes, Lane[] Building, int Total, int Passed, Quorum Quorum)
    {
        public IEnumerable<FoldedLane> In(PromotionState state) => Lanes.Where(l => l.State == state);

        /// <summary>The lanes that a reader asks about, each with its reason, as the end of a sentence.</summary>
        public string Describe(Func<FoldedLane, bool> which)
        {
            Lane[] again = [.. Lanes.Where(l => l.IsOnRoute).Select(l => l.Record.Lane).Intersect(Building)];
            Lane[] first = [.. Building.Except(again)];
            IEnumerable<string> ended = Lanes.Where(which).Select(l => l.Describe()).Where(t => t.Length > 0).Distinct();
            if (first.Length > 0) ended = ended.Append($"{string.Join(", ", first)} still building");
            if (again.Length > 0) ended = ended.Append($"{string.Join(", ", again)} measured again while its engine serves");
            string text = string.Join("; ", ended);
            return text.Length == 0 ? "" : $"; {text}";
        }
    }
}
