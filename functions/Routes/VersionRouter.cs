using System.Collections.Immutable;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Rollouts;

namespace Pipeline.Functions.Routes;

/// <summary>Brings the gated engines of a version onto the routes of their targets.</summary>
public sealed class VersionRouter(RouteExecutor routes, TimeProvider time)
{
    private const string Pipeline = "pipeline";

    public async Task IntroduceAsync(PromotionFacts facts, CancellationToken cancellationToken)
    {
        Promotion promotion = facts.Promotion;
        bool byPerson = promotion.Approval is not null;
        var gated = facts.LanesInState(PromotionState.Gated).GroupBy(l => l.Lane.Target);
        foreach (IGrouping<string, LaneRecord> target in gated)
        {
            RoutedVersion version = ToRouted(promotion, facts.Lanes.Where(l => l.Lane.Target == target.Key));
            await routes.ChangeAsync(
                target.Key,
                promotion.Model,
                f => RoutePlanner.Introduce(
                    f.Current, f.Revision, promotion.Model, target.Key, version, promotion.Policy.Rollout,
                    RolloutBaseline.Of(f, version.Version),
                    byPerson, promotion.Approval?.Who ?? Pipeline, time.GetUtcNow()),
                cancellationToken);
        }
    }

    private static RoutedVersion ToRouted(Promotion promotion, IEnumerable<LaneRecord> lanes) => new()
    {
        Version = promotion.Version,
        AcceptanceNumber = promotion.AcceptanceNumber!.Value,
        Profiles = promotion.Policy.Profiles,
        Engines = lanes.Where(l => l is { Phase: LanePhase.Passed, Statement: not null }).ToImmutableSortedDictionary(
            l => l.Lane.Runtime,
            l => new RoutedEngine
            {
                EngineKey = l.EngineKey!,
                EngineDigest = l.EngineDigest!,
                SizeBytes = l.EngineSizeBytes!.Value,
                Statement = l.Statement!,
            },
            StringComparer.Ordinal),
    };
}
