using System.Collections.Immutable;
using Azure.Data.Tables;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;

namespace Pipeline.Cloud.Promotions;

/// <summary>Table Models: a head row that gives acceptance numbers, and one row a version.</summary>
public sealed class PromotionStore(CloudClients clients)
{
    private const string NextNumberColumn = "NextNumber";
    private const string StateColumn = "State";
    private const string NumberColumn = "AcceptanceNumber";
    private const string OpenColumn = "Open";

    // '|' ends the prefix and '}' is the next character: keys between them are versions.
    private const string FirstVersion = EntityNames.VersionRowPrefix;
    private const string AfterVersions = "version}";

    private readonly DocumentTable table = new(clients.Table(EntityNames.ModelsTable));

    public Task<Stored<Promotion>?> ReadAsync(ModelVersion id, CancellationToken cancellationToken) =>
        table.ReadAsync<Promotion>(id.Model, EntityNames.VersionRow(id.Version), cancellationToken);

    public async Task<AcceptanceHead> ReadHeadAsync(string model, CancellationToken cancellationToken) =>
        await table.ReadRowAsync(model, EntityNames.HeadRow, cancellationToken) is { } head
            ? new AcceptanceHead(head.GetInt64(NextNumberColumn) ?? 1, head.ETag)
            : new AcceptanceHead(1, ETag: null);

    /// <summary>
    /// Writes an accepted version and counts the model's head up, both or neither. The promotion carries the head's
    /// number.
    /// </summary>
    /// <param name="promotion">With the acceptance number of <paramref name="head"/>.</param>
    /// <param name="head">As read before the decision.</param>
    /// <param name="replaced">The refused upload whose row this acceptance replaces; null when there is none.</param>
    /// <returns>False when the head, or the version's row, is no longer as expected: read and decide again.</returns>
    public Task<bool> AcceptAsync(
        Promotion promotion, AcceptanceHead head, Stored<Promotion>? replaced, CancellationToken cancellationToken)
    {
        if (promotion.AcceptanceNumber != head.NextNumber)
        {
            throw new ArgumentException(
                $"'{promotion.Id}' carries number '{promotion.AcceptanceNumber}', but the next one is " +
                $"'{head.NextNumber}'; take the number from the head.",
                nameof(promotion));
        }

        var next = new TableEntity(promotion.Model, EntityNames.HeadRow) { [NextNumberColumn] = head.NextNumber + 1 };
        return table.TrySubmitAsync(
            [
                DocumentTable.Expecting(next, head.ETag),
                DocumentTable.Expecting(RowOf(promotion), replaced?.ETag),
            ],
            cancellationToken);
    }

    /// <summary>
    /// Writes the row of an upload that was refused before it got a number; false when the version has a row.
    /// </summary>
    public Task<bool> CreateAsync(Promotion promotion, CancellationToken cancellationToken) =>
        table.TryCreateAsync(RowOf(promotion), cancellationToken);

    /// <summary>False when the row is no longer the one that was read.</summary>
    public Task<bool> TryWriteAsync(Stored<Promotion> read, Promotion next, CancellationToken cancellationToken) =>
        table.TryReplaceAsync(RowOf(next), read.ETag, cancellationToken);

    /// <summary>
    /// Reads, decides and writes, again from a fresh read whenever the row moved meanwhile; so <paramref
    /// name="decide"/> may run several times. It returns null to leave the row as it is.
    /// </summary>
    /// <returns>The promotion as it stands afterwards; null when there is none.</returns>
    /// <exception cref="UpdateConflictException">The row moved under every try.</exception>
    public Task<Promotion?> UpdateAsync(
        ModelVersion id, Func<Promotion, Promotion?> decide, CancellationToken cancellationToken) =>
        table.UpdateAsync(id.Model, EntityNames.VersionRow(id.Version), decide, RowOf, cancellationToken);

    /// <summary>Every version, or those of one model; newest upload first.</summary>
    public Task<ImmutableArray<Stored<Promotion>>> ListAsync(string? model, CancellationToken cancellationToken)
    {
        FormattableString all = $"RowKey ge {FirstVersion} and RowKey lt {AfterVersions}";
        FormattableString one = $"PartitionKey eq {model} and RowKey ge {FirstVersion} and RowKey lt {AfterVersions}";
        return QueryAsync(model is null ? all : one, cancellationToken);
    }

    /// <summary>Every version that has not ended, newest upload first: what reconcile looks at.</summary>
    public Task<ImmutableArray<Stored<Promotion>>> ListOpenAsync(CancellationToken cancellationToken) =>
        QueryAsync($"Open eq {true}", cancellationToken);

    private async Task<ImmutableArray<Stored<Promotion>>> QueryAsync(
        FormattableString filter, CancellationToken cancellationToken)
    {
        var found = new List<Stored<Promotion>>();
        await foreach (TableEntity row in table.QueryAsync(filter, cancellationToken))
        {
            found.Add(new Stored<Promotion>(TableDocument.Read<Promotion>(row), row.ETag));
        }

        return [.. found.OrderByDescending(p => p.Value.UploadedAt).ThenByDescending(p => p.Value.AcceptanceNumber)];
    }

    private static TableEntity RowOf(Promotion promotion)
    {
        TableEntity row = TableDocument.Write(promotion.Model, EntityNames.VersionRow(promotion.Version), promotion);
        row[StateColumn] = promotion.State.ToString();
        row[NumberColumn] = promotion.AcceptanceNumber;
        row[OpenColumn] = IsOpen(promotion.State);
        return row;
    }

    /// <summary>Whether something may still happen to a version by itself; live ones are looked after, too.</summary>
    public static bool IsOpen(PromotionState state) => state
        is PromotionState.Accepted or PromotionState.Building or PromotionState.Gated or PromotionState.RollingOut
        or PromotionState.Live or PromotionState.Held;
}
