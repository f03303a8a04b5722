using System.Net;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;

namespace Pipeline.Cloud.Documents;

/// <summary>The few ways in which the stores touch a table: every write names what it expects to find.</summary>
internal sealed class DocumentTable(TableClient table)
{
    /// <summary>
    /// More than the writers that ever meet at one row: each round of a conflict lets one of them through.
    /// </summary>
    private const int TriesMaximum = 40;

    public async Task<TableEntity?> ReadRowAsync(string partition, string row, CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> response = await table.GetEntityIfExistsAsync<TableEntity>(
            partition, row, cancellationToken: cancellationToken);
        return response.HasValue ? response.Value : null;
    }

    public async Task<Stored<T>?> ReadAsync<T>(string partition, string row, CancellationToken cancellationToken)
        where T : class =>
        await ReadRowAsync(partition, row, cancellationToken) is { } entity
            ? new Stored<T>(TableDocument.Read<T>(entity), entity.ETag)
            : null;

    /// <summary>The rows of a query, read as they come.</summary>
    public async IAsyncEnumerable<TableEntity> QueryAsync(
        FormattableString filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string text = TableClient.CreateQueryFilter(filter);
        await foreach (TableEntity row in table.QueryAsync<TableEntity>(text, cancellationToken: cancellationToken))
        {
            yield return row;
        }
    }

    /// <summary>How many rows a query finds; only their keys are sent.</summary>
    public async Task<int> CountAsync(FormattableString filter, CancellationToken cancellationToken)
    {
        int count = 0;
        string text = TableClient.CreateQueryFilter(filter);
        string[] columns = [nameof(TableEntity.RowKey)];
        await foreach (TableEntity _ in table.QueryAsync<TableEntity>(text, null, columns, cancellationToken)) count++;
        return count;
    }

    /// <summary>The rows of one partition whose keys begin with the prefix, in key order.</summary>
    public IAsyncEnumerable<TableEntity> QueryPrefixAsync(
        string partition, string prefix, CancellationToken cancellationToken)
    {
        // Every prefix ends in '|'; '}' is the next character.
        string end = prefix[..^1] + '}';
        return QueryAsync(
            $"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {end}", cancellationToken);
    }

    /// <summary>False when the row exists.</summary>
    public Task<bool> TryCreateAsync(TableEntity entity, CancellationToken cancellationToken) =>
        HoldsAsync(() => table.AddEntityAsync(entity, cancellationToken));

    /// <summary>False when the row is no longer the one with this ETag.</summary>
    public Task<bool> TryReplaceAsync(TableEntity entity, ETag expected, CancellationToken cancellationToken) =>
        HoldsAsync(() => table.UpdateEntityAsync(entity, expected, TableUpdateMode.Replace, cancellationToken));

    /// <summary>False when any row of the batch is not as it was expected; then nothing is written.</summary>
    public Task<bool> TrySubmitAsync(
        IEnumerable<TableTransactionAction> batch, CancellationToken cancellationToken) =>
        HoldsAsync(() => table.SubmitTransactionAsync(batch, cancellationToken));

    /// <summary>One row of a batch: replaced when it still has this ETag, or created when it must not exist.</summary>
    public static TableTransactionAction Expecting(TableEntity entity, ETag? expected) => expected is { } etag
        ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, entity, etag)
        : new TableTransactionAction(TableTransactionActionType.Add, entity);

    public Task UpsertAsync(TableEntity entity, CancellationToken cancellationToken) =>
        table.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancellationToken);

    public Task DeleteAsync(string partition, string row, CancellationToken cancellationToken) =>
        table.DeleteEntityAsync(partition, row, ETag.All, cancellationToken);

    /// <summary>
    /// Reads, decides and writes, again from a fresh read whenever the row moved meanwhile; so <paramref
    /// name="decide"/> may run several times. It returns null to leave the row as it is.
    /// </summary>
    /// <returns>The document as it stands afterwards; null when there is no such row.</returns>
    /// <exception cref="UpdateConflictException">The row moved under every try.</exception>
    public async Task<T?> UpdateAsync<T>(
        string partition,
        string row,
        Func<T, T?> decide,
        Func<T, TableEntity> write,
        CancellationToken cancellationToken)
        where T : class
    {
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            if (await ReadAsync<T>(partition, row, cancellationToken) is not { } stored) return null;
            if (decide(stored.Value) is not { } next) return stored.Value;
            if (await TryReplaceAsync(write(next), stored.ETag, cancellationToken)) return next;
        }

        throw new UpdateConflictException(
            $"The row '{partition}', '{row}' of table '{table.Name}' changed under {TriesMaximum} tries to write it; " +
            "try again later.");
    }

    private static async Task<bool> HoldsAsync<TResponse>(Func<Task<TResponse>> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (RequestFailedException e)
            when (e.Status is (int)HttpStatusCode.Conflict or (int)HttpStatusCode.PreconditionFailed
                || (e.Status == (int)HttpStatusCode.NotFound && e.ErrorCode == "ResourceNotFound"))
        {
            return false;
        }
    }
}
