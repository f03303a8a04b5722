using System.Collections.Immutable;
using Azure.Data.Tables;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;

namespace Pipeline.Cloud.Promotions;

/// <summary>
/// Table Builds: one row for each lane of a version, and beside it what a worker is doing for it now.
/// </summary>
public sealed class LaneStore(CloudClients clients)
{
    private const string PhaseColumn = "Phase";

    private readonly DocumentTable table = new(clients.Table(EntityNames.BuildsTable));

    /// <summary>Every lane of a version, in the order of their names.</summary>
    public async Task<ImmutableArray<LaneRecord>> ListAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        string partition = EntityNames.BuildsPartition(id);
        var lanes = new List<LaneRecord>();
        await foreach (TableEntity row in table.QueryAsync($"PartitionKey eq {partition}", cancellationToken))
        {
            if (!IsProgress(row)) lanes.Add(TableDocument.Read<LaneRecord>(row));
        }

        return [.. lanes.OrderBy(l => l.Lane)];
    }

    public Task<Stored<LaneRecord>?> ReadAsync(ModelVersion id, Lane lane, CancellationToken cancellationToken) =>
        table.ReadAsync<LaneRecord>(EntityNames.BuildsPartition(id), EntityNames.LaneKey(lane), cancellationToken);

    /// <summary>Writes the row of a lane; false when it has one already.</summary>
    public Task<bool> CreateAsync(ModelVersion id, LaneRecord record, CancellationToken cancellationToken) =>
        table.TryCreateAsync(RowOf(id, record), cancellationToken);

    /// <summary>
    /// Reads, decides and writes, again from a fresh read whenever the row moved meanwhile; so <paramref
    /// name="decide"/> may run several times. It returns null to leave the row as it is.
    /// </summary>
    /// <returns>The lane as it stands afterwards; null when it has no row.</returns>
    /// <exception cref="UpdateConflictException">The row moved under every try.</exception>
    public Task<LaneRecord?> UpdateAsync(
        ModelVersion id, Lane lane, Func<LaneRecord, LaneRecord?> decide, CancellationToken cancellationToken) =>
        table.UpdateAsync(
            EntityNames.BuildsPartition(id), EntityNames.LaneKey(lane), decide, r => RowOf(id, r), cancellationToken);

    /// <summary>Says what a worker is doing now; the last word wins.</summary>
    public Task WriteProgressAsync(
        ModelVersion id, Lane lane, LaneProgress progress, CancellationToken cancellationToken) =>
        table.UpsertAsync(
            TableDocument.Write(EntityNames.BuildsPartition(id), EntityNames.ProgressRow(lane), progress),
            cancellationToken);

    /// <summary>
    /// What workers last said, by lane. Rows that cannot be read are left out: nothing is decided on them.
    /// </summary>
    public async Task<ImmutableSortedDictionary<Lane, LaneProgress>> ListProgressAsync(
        ModelVersion id, CancellationToken cancellationToken)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<Lane, LaneProgress>();
        IAsyncEnumerable<TableEntity> rows = table.QueryPrefixAsync(
            EntityNames.BuildsPartition(id), EntityNames.ProgressRowPrefix, cancellationToken);
        await foreach (TableEntity row in rows)
        {
            if (EntityNames.TryParseLaneKey(row.RowKey[EntityNames.ProgressRowPrefix.Length..], out Lane lane)
                && TableDocument.TryRead<LaneProgress>(row, out _) is { } progress)
            {
                found[lane] = progress;
            }
        }

        return found.ToImmutable();
    }

    private static bool IsProgress(TableEntity row) =>
        row.RowKey.StartsWith(EntityNames.ProgressRowPrefix, StringComparison.Ordinal);

    private static TableEntity RowOf(ModelVersion id, LaneRecord record)
    {
        TableEntity row = TableDocument.Write(
            EntityNames.BuildsPartition(id), EntityNames.LaneKey(record.Lane), record);
        row[PhaseColumn] = record.Phase.ToString();
        return row;
    }
}
