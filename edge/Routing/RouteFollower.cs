using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge.Sources;

namespace Pipeline.Edge.Routing;

/// <summary>
/// Polls the signed snapshot. A badly signed or an older one is refused and reported while the old routes go on; an
/// accepted one is kept on disk, so that the edge starts again without the cloud.
/// </summary>
internal sealed partial class RouteFollower(
    IRouteSource source, RouteApplier applier, EdgeState state, SnapshotCache cache, TrustedKeys keys,
    EdgeOptions options, Random random, ILogger<RouteFollower> logger) : BackgroundService
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(20);

    private string? knownETag;
    private long revision;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (ReadCache() is { } cached && Check(cached) is { } restored) applier.Follow(restored);
        while (!stoppingToken.IsCancellationRequested)
        {
            await PollAsync(stoppingToken);
            applier.Retry();
            // Full jitter: the polls of a fleet that started together spread over the whole interval.
            await Task.Delay(options.RoutePollInterval * random.NextDouble(), stoppingToken);
        }
    }

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        timeout.CancelAfter(ReadTimeout);
        try
        {
            RouteReading reading = await source.ReadAsync(knownETag, timeout.Token);
            if (reading.Blob is not { } blob) return;
            knownETag = reading.ETag;
            if (Check(blob) is not { } snapshot) return;
            applier.Follow(snapshot);
            cache.Write(blob);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Storage is away: the last known routes go on serving.
            Log.SourceUnreachable(logger, e.Message);
        }
    }

    private byte[]? ReadCache()
    {
        try
        {
            return cache.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.SourceUnreachable(logger, e.Message);
            return null;
        }
    }

    private RouteSnapshot? Check(byte[] blob)
    {
        SnapshotReading reading = SnapshotCheck.Read(blob, keys, options.Target, revision);
        state.SnapshotFault = reading.Fault;
        if (reading.Snapshot is { } snapshot) revision = snapshot.Revision;
        else Log.SnapshotRefused(logger, reading.Fault!);
        return reading.Snapshot;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The routes could not be read: {Reason} The last known ones go on.")]
        public static partial void SourceUnreachable(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Error, "The route snapshot is refused: {Fault} The last accepted one goes on.")]
        public static partial void SnapshotRefused(ILogger logger, string fault);
    }
}
