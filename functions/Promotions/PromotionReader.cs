using System.Collections.Immutable;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Functions.Promotions;

/// <summary>Reads what is known of one promotion from the tables.</summary>
public sealed class PromotionReader(
    PromotionStore promotions, LaneStore lanes, RouteStore routes, FleetStore fleet, DeployedLanes deployed, TimeProvider time)
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

        ImmutableArray<FleetMember> members = stored.Value.Policy.QuorumFleetShare is not null || states.Values.Any(HasOtherLanes)
            ? await fleet.ListAsync(cancellationToken)
            : [];
        return new PromotionFacts
        {
            Stored = stored,
            Lanes = records,
            Routes = states.ToImmutable(),
            Edges = FleetPlanner.EdgesByLane(members, time.GetUtcNow()),
            InUse = FleetPlanner.InUse(deployed.All, members, time.GetUtcNow()),
        };
    }

    // Only then it matters whether edges still run them.
    private bool HasOtherLanes(RouteState state) =>
        state.Route.Stable?.Engines.Keys.Any(r => !deployed.All.Contains(new Lane(state.Route.Target, r))) == true;
}
