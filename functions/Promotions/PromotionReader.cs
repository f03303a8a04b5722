using System.Collections.Immutable;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Functions.Promotions;

/// <summary>Reads what is known of one promotion from the tables.</summary>
public sealed class PromotionReader(
    PromotionStore promotions, LaneStore lanes, RouteStore routes, FleetStore fleet, TimeProvider time)
{
    /// <summary>Null when the version is unknown.</summary>
    public async Task<PromotionFacts?> ReadAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        Stored<Promotion>? stored = await promotions.ReadAsync(id, cancellationToken);
        if (stored is null) return null;
        ImmutableArray<LaneRecord> records = await lanes.ListAsync(id, cancellationToken);
        var states = ImmutableSortedDictionary.CreateBuilder<string, RouteState>(StringComparer.Ordinal);
        foreach (string target in records.Select(r => r.Lane.Target).Distinct())
        {
            if ((await routes.ReadTargetAsync(target, cancellationToken)).Find(id.Model) is { } route) states[target] = route;
        }

        return new PromotionFacts
        {
            Stored = stored,
            Lanes = records,
            Routes = states.ToImmutable(),
            Edges = stored.Value.Policy.QuorumFleetShare is null
                ? ImmutableSortedDictionary<Lane, int>.Empty
                : FleetPlanner.EdgesByLane(await fleet.ListAsync(cancellationToken), time.GetUtcNow()),
        };
    }
}
