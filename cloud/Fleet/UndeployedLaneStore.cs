using System.Collections.Immutable;
using Azure.Data.Tables;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Fleet;

/// <summary>
/// Table Fleet: one row for each lane that was told to have no worker, so that it is told once. No target has the name of
/// their partition, and no report is in them.
/// </summary>
public sealed class UndeployedLaneStore(CloudClients clients)
{
    private readonly DocumentTable table = new(clients.Table(EntityNames.FleetTable));

    /// <summary>The lanes that were told.</summary>
    public async Task<ImmutableHashSet<Lane>> ListAsync(CancellationToken cancellationToken)
    {
        var told = ImmutableHashSet.CreateBuilder<Lane>();
        await foreach (TableEntity row in table.QueryAsync($"PartitionKey eq {EntityNames.UndeployedPartition}", cancellationToken))
        {
            if (EntityNames.TryParseLaneKey(row.RowKey, out Lane lane)) told.Add(lane);
        }

        return told.ToImmutable();
    }

    /// <summary>Remembers that a lane was told; nothing happens when it is remembered already.</summary>
    public Task AddAsync(Lane lane, CancellationToken cancellationToken) =>
        table.TryCreateAsync(new TableEntity(EntityNames.UndeployedPartition, EntityNames.LaneKey(lane)), cancellationToken);

    /// <summary>Forgets a lane, so that it would be told again; nothing happens when it is not there.</summary>
    public Task RemoveAsync(Lane lane, CancellationToken cancellationToken) =>
        table.DeleteAsync(EntityNames.UndeployedPartition, EntityNames.LaneKey(lane), cancellationToken);
}
