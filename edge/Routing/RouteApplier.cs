using System.Threading.Channels;
using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;

namespace Pipeline.Edge.Routing;

/// <summary>
/// Brings the table in line with the newest snapshot: at once with the engines in memory, and again whenever another
/// has been loaded. So a withdrawn candidate is gone immediately, however long something else takes to load.
/// </summary>
internal sealed partial class RouteApplier(
    EdgeState state, RouteTableBuilder builder, EngineShelf shelf, LastGoodEngines lastGood,
    SnapshotCache cache, StatisticsBook statistics, EdgeOptions options, TimeProvider time,
    ILogger<RouteApplier> logger) : BackgroundService, ISnapshotFollower
{
    // Null asks to look again at the newest snapshot: an engine has been loaded, or a retry may be due.
    private readonly Channel<RouteSnapshot?> events =
        Channel.CreateUnbounded<RouteSnapshot?>(new UnboundedChannelOptions { SingleReader = true });

    private readonly SwapClock clock = new(options.Runtime, time);

    public void Follow(RouteSnapshot snapshot) => events.Writer.TryWrite(snapshot);

    public void Retry() => events.Writer.TryWrite(null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        RouteSnapshot? newest = null;
        await foreach (RouteSnapshot? snapshot in events.Reader.ReadAllAsync(stoppingToken))
        {
            newest = snapshot ?? newest;
            if (newest is null) continue;
            if (snapshot is not null) clock.Accept(snapshot);
            try
            {
                Apply(newest);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The table that serves is untouched; the next event tries again.
                Log.ApplyFailed(logger, e, newest.Revision);
            }
        }
    }

    private void Apply(RouteSnapshot snapshot)
    {
        shelf.Collect();
        RouteTable before = state.Table;
        RouteTable table = builder.Build(snapshot, before);
        foreach (ModelRoute swapped in state.Publish(table))
            state.CountSwap(clock.Waited(swapped.Model, swapped.Stable!.Engine.Digest));
        if (before.Revision != table.Revision) Log.RoutesFollowed(logger, table.Revision, table.Models.Count);
        // Noted before what it replaces is dropped, and long after requests read the new table.
        foreach ((string model, RoutedVersion version) in table.Good) lastGood.Keep(model, version);
        lastGood.Forget(snapshot.Routes.Where(r => r.Stable is not null)
            .Select(r => r.Model).ToHashSet(StringComparer.Ordinal));
        shelf.Settle(table.Wanted, table.Serving.Select(v => v.Engine.Digest).ToHashSet(StringComparer.Ordinal), Retry);
        cache.Heal();
        statistics.Keep([.. table.Serving.Select(v => v.Statistics)]);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Following routes of revision {Revision} with {Models} models.")]
        public static partial void RoutesFollowed(ILogger logger, long revision, int models);

        [LoggerMessage(LogLevel.Error, "Routes of revision {Revision} could not be applied; the old ones go on.")]
        public static partial void ApplyFailed(ILogger logger, Exception exception, long revision);
    }
}
