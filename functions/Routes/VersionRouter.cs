using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Promotions;

namespace Pipeline.Functions.Routes;

/// <summary>Brings the gated engines of a version onto the routes of their targets.</summary>
public sealed class VersionRouter(RouteExecutor routes, TimeProvider time)
{
    /// <summary>Whether any route changed.</summary>
    public async Task<bool> IntroduceAsync(PromotionFacts facts, CancellationToken cancellationToken)
    {
        bool changed = false;
        foreach (IGrouping<string, LaneRecord> target in facts.LanesInState(PromotionState.Gated).GroupBy(l => l.Lane.Target))
        {
            ImmutableArray<LaneRecord> lanes = [.. facts.Lanes.Where(l => l.Lane.Target == target.Key)];
            RouteOutcome outcome = await routes.ChangeAsync(
                target.Key, facts.Promotion.Model, f => Introduce(facts.Promotion, target.Key, lanes, f), cancellationToken);
            changed |= outcome is RouteOutcome.Changed;
        }

        return changed;
    }

    private RouteOutcome Introduce(
        Promotion promotion, string target, ImmutableArray<LaneRecord> lanes, RouteFacts facts)
    {
        // Decided on the route that is about to change: it may have moved since the caller looked.
        if (lanes.Any(l => LaneOutcome.MeasureAgain(l, promotion, facts.Current, time.GetUtcNow()) is not null))
            return new RouteOutcome.Unchanged($"'{promotion.Id}' is first measured against what serves '{target}' now.");
        RoutedVersion version = ToRouted(promotion, lanes);
        // Nobody was asked about lanes that the fleet added.
        string who = lanes.All(l => promotion.JoinedLanes.Contains(l.Lane)) ? Actors.Pipeline
            : promotion.Approval?.Who ?? Actors.Pipeline;
        RouteOutcome outcome = RoutePlanner.Introduce(
            facts.Current, facts.Revision, promotion.Model, target, version, promotion.Policy.Rollout,
            PromotionFold.IsBroughtBack(promotion, facts.Current), who, time.GetUtcNow(), facts.InUse);
        return outcome is RouteOutcome.Changed changed
            ? new RouteOutcome.Changed(changed.Change with { TraceParent = promotion.TraceParent })
            : outcome;
    }

    private static RoutedVersion ToRouted(Promotion promotion, IEnumerable<LaneRecord> lanes) => new()
    {
        Version = promotion.Version,
        AcceptanceNumber = promotion.AcceptanceNumber!.Value,
        Profiles = promotion.Policy.Profiles,
        Batching = promotion.Policy.Batching,
        Engines = lanes.Where(l => l is { Phase: LanePhase.Passed, Statement: not null }).ToImmutableSortedDictionary(
            l => l.Lane.Runtime,
            l => new RoutedEngine
            {
                EngineKey = l.EngineKey!,
                EngineDigest = l.EngineDigest!,
                SizeBytes = l.EngineSizeBytes!.Value,
                DeviceMemoryBytes = l.DeviceMemoryBytes,
                Statement = l.Statement!,
            },
            StringComparer.Ordinal),
    };
}
