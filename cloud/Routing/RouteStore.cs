using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Routing;

namespace Pipeline.Cloud.Routing;

/// <summary>
/// Table Routes, one partition a target. A change is one transaction over the route, the revision, the history entry
/// and the unsent event; every change rewrites the revision row, so changes of a target come one after the other.
/// </summary>
public sealed class RouteStore(CloudClients clients)
{
    private const string RevisionColumn = "Revision";
    private const int ReadTriesMaximum = 40;

    // '|' ends the prefix and '}' is the next character; "revision" sorts before "route|".
    private const string AfterRoutes = "route}";

    private readonly DocumentTable table = new(clients.Table(EntityNames.RoutesTable));

    /// <summary>Reads a target whole. A target that never had a change is at revision 0, without routes.</summary>
    /// <exception cref="UpdateConflictException">The target changed under every try to read it.</exception>
    public async Task<TargetState> ReadTargetAsync(string target, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < ReadTriesMaximum; attempt++)
        {
            long revision = 0;
            long newest = 0;
            var routes = ImmutableArray.CreateBuilder<Stored<RouteState>>();
            IAsyncEnumerable<TableEntity> rows = table.QueryAsync(
                $"PartitionKey eq {target} and RowKey ge {EntityNames.RevisionRow} and RowKey lt {AfterRoutes}",
                cancellationToken);
            await foreach (TableEntity row in rows)
            {
                long changed = row.GetInt64(RevisionColumn) ?? 0;
                if (row.RowKey == EntityNames.RevisionRow)
                {
                    revision = changed;
                    continue;
                }

                newest = Math.Max(newest, changed);
                routes.Add(new Stored<RouteState>(TableDocument.Read<RouteState>(row), row.ETag));
            }

            // Each change gives its revision to one route, so a read that saw no other change in between finds the
            // newest route at exactly the target's revision. It holds over several pages, too.
            if (newest == revision)
            {
                return new TargetState
                {
                    Target = target,
                    Revision = revision,
                    Routes = routes.ToImmutable(),
                };
            }
        }

        throw new UpdateConflictException(
            $"The routes of target '{target}' changed under {ReadTriesMaximum} tries to read them; try again later.");
    }

    /// <summary>Writes a decided change, whole or not at all.</summary>
    public async Task<ApplyResult> ApplyAsync(
        RouteChange change, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Route after = change.After.Route;
        // Both rows are read before the write and expected by it; the revision first, so that a route row which moved
        // since the decision is never taken for the one that was decided on.
        TableEntity? revision = await table.ReadRowAsync(after.Target, EntityNames.RevisionRow, cancellationToken);
        if ((revision?.GetInt64(RevisionColumn) ?? 0) != change.ExpectedRevision) return new ApplyResult.Moved();
        TableEntity? route = await table.ReadRowAsync(
            after.Target, EntityNames.RouteRow(after.Model), cancellationToken);
        bool written = await table.TrySubmitAsync(BatchOf(change, now, revision?.ETag, route?.ETag), cancellationToken);
        return written ? new ApplyResult.Applied(change.ExpectedRevision + 1) : new ApplyResult.Moved();
    }

    /// <summary>The newest entries of a target, newest first.</summary>
    public async Task<ImmutableArray<RouteHistoryEntry>> HistoryAsync(
        string target, int take, CancellationToken cancellationToken)
    {
        var entries = ImmutableArray.CreateBuilder<RouteHistoryEntry>();
        IAsyncEnumerable<TableEntity> rows = table.QueryPrefixAsync(
            target, EntityNames.HistoryRowPrefix, cancellationToken);
        await foreach (TableEntity row in rows.Take(take).WithCancellation(cancellationToken))
        {
            entries.Add(TableDocument.Read<RouteHistoryEntry>(row));
        }

        return entries.ToImmutable();
    }

    /// <summary>Every target that ever had a route, by name.</summary>
    public async Task<ImmutableArray<string>> ListTargetsAsync(CancellationToken cancellationToken)
    {
        var targets = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (TableEntity row in table.QueryAsync($"RowKey eq {EntityNames.RevisionRow}", cancellationToken))
        {
            targets.Add(row.PartitionKey);
        }

        return [.. targets];
    }

    /// <summary>Events of a target that were not seen sent, oldest first.</summary>
    public async Task<ImmutableArray<OutboxEvent>> OutboxAsync(string target, CancellationToken cancellationToken)
    {
        var events = ImmutableArray.CreateBuilder<OutboxEvent>();
        IAsyncEnumerable<TableEntity> rows = table.QueryPrefixAsync(
            target, EntityNames.OutboxRowPrefix, cancellationToken);
        await foreach (TableEntity row in rows) events.Add(TableDocument.Read<OutboxEvent>(row));
        return events.ToImmutable();
    }

    /// <summary>Forgets an event that was sent; nothing happens when it is gone already.</summary>
    public Task RemoveOutboxAsync(OutboxEvent sent, CancellationToken cancellationToken) =>
        table.DeleteAsync(sent.Target, EntityNames.OutboxRow(sent.Revision), cancellationToken);

    private static List<TableTransactionAction> BatchOf(
        RouteChange change, DateTimeOffset now, ETag? revisionTag, ETag? routeTag)
    {
        Route after = change.After.Route;
        long next = change.ExpectedRevision + 1;
        var revision = new TableEntity(after.Target, EntityNames.RevisionRow) { [RevisionColumn] = next };
        TableEntity route = TableDocument.Write(after.Target, EntityNames.RouteRow(after.Model), change.After);
        route[RevisionColumn] = next;
        var entry = new RouteHistoryEntry
        {
            Revision = next,
            At = now,
            Who = change.Who,
            Why = change.Why,
            Before = change.Before?.Route,
            After = after,
            Evidence = change.Evidence,
        };
        OutboxEvent unsent = RouteEvents.Of(change, now);
        return
        [
            DocumentTable.Expecting(revision, revisionTag),
            DocumentTable.Expecting(route, routeTag),
            new(TableTransactionActionType.Add, TableDocument.Write(after.Target, EntityNames.HistoryRow(next), entry)),
            new(TableTransactionActionType.Add, TableDocument.Write(after.Target, EntityNames.OutboxRow(next), unsent)),
        ];
    }
}
