using System.Collections.Immutable;
using System.Threading.Channels;
using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Route = Pipeline.Core.Routing.Route;

namespace Pipeline.Edge.Routing;

/// <summary>
/// Brings the table in line with the newest snapshots, each model by its narrowest route: at once with the engines in memory,
/// and again whenever another has been loaded. So a withdrawn candidate is gone immediately, however long something else takes to
/// load.
/// </summary>
internal sealed partial class RouteApplier(
    EdgeState state, RouteTableBuilder builder, EngineShelf shelf, LastGoodEngines lastGood,
    SnapshotCache cache, StatisticsBook statistics, EdgeOptions options, TimeProvider time,
    ILogger<RouteApplier> logger) : BackgroundService, ISnapshotFollower
{
    private readonly Channel<Event> events =
        Channel.CreateUnbounded<Event>(new UnboundedChannelOptions { SingleReader = true });

    private readonly SwapClock clock = new(options.Runtime, time);
    private readonly Dictionary<string, RouteSnapshot> newest = new(StringComparer.Ordinal);

    public void Follow(RouteSnapshot snapshot) => events.Writer.TryWrite(new Event(snapshot.Target, snapshot));

    public void Looked(string target) => events.Writer.TryWrite(new Event(target, null));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // No model is brought up by a wide route only because the narrow one was read a moment later.
        HashSet<string> unheard = [.. options.Followed];
        await foreach ((string? target, RouteSnapshot? snapshot) in events.Reader.ReadAllAsync(stoppingToken))
        {
            if (target is not null) unheard.Remove(target);
            if (snapshot is not null) newest[snapshot.Target] = snapshot;
            if (unheard.Count > 0 || newest.Count == 0) continue;
            try
            {
                Apply();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The table that serves is untouched; the next event tries again.
                Log.ApplyFailed(logger, e);
            }
        }
    }

    private void Apply()
    {
        ImmutableArray<Route> routes = NarrowestRoutes.Choose(
            options.Followed.Select(t => newest.GetValueOrDefault(t)).OfType<RouteSnapshot>(), options.Runtime);
        clock.Accept(routes);
        shelf.Collect();
        RouteTable before = state.Table;
        RouteTable table = builder.Build(
            routes, newest.Values.ToImmutableSortedDictionary(s => s.Target, s => s.Revision, StringComparer.Ordinal), before);
        foreach (ModelRoute swapped in state.Publish(table))
            state.CountSwap(clock.Waited(swapped.Model, swapped.Stable!.Engine.Digest));
        foreach ((string target, long revision) in table.Revisions.Except(before.Revisions))
            Log.RoutesFollowed(logger, target, revision, table.Models.Count);
        // Noted before what it replaces is dropped, and long after requests read the new table.
        foreach (GoodVersion good in table.Good) lastGood.Keep(good);
        lastGood.Forget(routes.Select(r => r.Model).ToHashSet(StringComparer.Ordinal));
        shelf.Settle(
            table.Wanted, table.Serving.Select(v => v.Engine.Digest).ToHashSet(StringComparer.Ordinal),
            table.Models.Values.Any(m => m.Swap is not null), LookAgain);
        cache.Heal();
        statistics.Keep([.. table.Serving.Select(v => v.Statistics)]);
    }

    private void LookAgain() => events.Writer.TryWrite(default);

    /// <param name="Target">Whose routes were looked at; null: an engine has been loaded, or stands otherwise than before.</param>
    /// <param name="Snapshot">Null: nothing new.</param>
    private readonly record struct Event(string? Target, RouteSnapshot? Snapshot);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Following routes of {Target} at revision {Revision}; {Models} models in all.")]
        public static partial void RoutesFollowed(ILogger logger, string target, long revision, int models);

        [LoggerMessage(LogLevel.Error, "The newest routes could not be applied; the old ones go on.")]
        public static partial void ApplyFailed(ILogger logger, Exception exception);
    }
}
