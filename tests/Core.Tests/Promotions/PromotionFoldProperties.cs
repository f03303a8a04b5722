using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Promotions;

public sealed class PromotionFoldProperties
{
    private static readonly Lane[] Lanes = [Some.Cpu, Some.Cuda, Some.TensorRt];
    private static readonly LanePhase[] Phases = Enum.GetValues<LanePhase>();

    // Every route that there can be, as far as version 4 is concerned.
    private static readonly RouteState?[] Routes =
    [
        null,
        Some.Route(null),
        Some.Route(Some.Version(3)),
        Some.Route(Some.Version(4)),
        Some.Route(Some.Version(5)),
        Some.Route(Some.Version(3), Some.Version(4)),
        Some.Route(Some.Version(3), Some.Version(4)) with { Rollout = null },
        Some.Route(Some.Version(3), Some.Version(5)),
        Some.Route(Some.Version(4), Some.Version(5)),
        Some.Route(Some.Version(3)) with { Withdrawn = [new() { Version = "4", Reason = "Bad.", At = Some.Now }] },
    ];

    /// <summary>The fold is total, always gives a reason, and is open exactly when something is still to come.</summary>
    [Fact]
    public void Fold_OfAnyLanesAndRoutes_GivesAStateWithAReason() => Check(
        (promotion, lanes, routes, summary) =>
            Enum.IsDefined(summary.State)
            && summary.Reason.Length is > 0 and <= 1000
            && summary.Open == summary.State is PromotionState.Accepted or PromotionState.Building or PromotionState.Gated
                or PromotionState.RollingOut or PromotionState.Held);

    [Fact]
    public void Fold_IsLiveOrRollingOut_OnlyWithALaneThatIs() => Check(
        (promotion, lanes, routes, summary) =>
        {
            PromotionState[] states = [.. lanes.Select(l =>
                PromotionFold.FoldLane(promotion, l, routes.GetValueOrDefault(l.Lane.Target)))];
            return summary.State is not (PromotionState.Live or PromotionState.RollingOut) || states.Contains(summary.State);
        });

    [Fact]
    public void Fold_InAnotherOrderOfLanes_IsTheSameState() => Check(
        (promotion, lanes, routes, summary) =>
            PromotionFold.Fold(promotion, [.. lanes.Reverse()], routes) is var other
            && (other.State, other.QuorumReached, other.Open) == (summary.State, summary.QuorumReached, summary.Open));

    [Fact]
    public void Fold_WithFewerPassedThanTheQuorum_NeverAllowsTrafficToBegin() => Check(
        (promotion, lanes, routes, summary) => summary.HasTraffic
            ? summary.QuorumReached
            : summary.QuorumReached
            == (lanes.Count(l => l.Phase == LanePhase.Passed) >= (promotion.Policy.Quorum ?? Math.Max(1, promotion.Lanes.Length))));

    /// <summary>What a later measurement says changes no route, so it changes no state of a lane that a route names.</summary>
    [Fact]
    public void Fold_OfALaneOnItsRoute_DoesNotLookAtItsPhase() => Check(
        (promotion, lanes, routes, summary) => lanes.All(l =>
        {
            RouteState? route = routes.GetValueOrDefault(l.Lane.Target);
            PromotionState passed = PromotionFold.FoldLane(promotion, l with { Phase = LanePhase.Passed }, route);
            return passed is not (PromotionState.Live or PromotionState.RollingOut)
                || PromotionFold.FoldLane(promotion, l, route) == passed;
        }));

    private static void Check(
        Func<Promotion, LaneRecord[], Dictionary<string, RouteState>, PromotionSummary, bool> holds) =>
        Prop.ForAll<int[], int, bool>((numbers, quorum, approval) =>
        {
            int At(int index) => numbers is { Length: > 0 } ? Math.Abs(numbers[index % numbers.Length] % 1000) + index : index;
            LaneRecord[] lanes = [.. Lanes.Take(At(0) % 4).Select((l, i) => Some.Row(l, Phases[At(i + 1) % Phases.Length]))];
            var routes = new Dictionary<string, RouteState>();
            foreach ((string target, int index) in Lanes.Select(l => l.Target).Distinct().Select((t, i) => (t, i)))
            {
                if (Routes[At(index + 5) % Routes.Length] is not { } route) continue;
                routes[target] = route with { Route = route.Route with { Target = target } };
            }

            Promotion promotion = Some.Promotion(Lanes);
            promotion = promotion with
            {
                Policy = promotion.Policy with
                {
                    ApprovalRequired = approval,
                    Quorum = quorum % 2 == 0 ? null : Math.Abs(quorum % 4) + 1,
                },
            };
            return holds(promotion, lanes, routes, PromotionFold.Fold(promotion, lanes, routes));
        }).QuickCheckThrowOnFailure();
}
