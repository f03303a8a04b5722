using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge.Sources;

namespace Pipeline.Edge.Routing;

/// <summary>
/// Polls the signed snapshot of one target. A badly signed or an older one is refused and reported while the old routes go on; an
/// accepted one is kept on disk, so that the edge starts again without the cloud. How often it looks is what the snapshot
/// says for a fleet of that size, and never less often than the edge's own settings say.
/// </summary>
/// <param name="target">One of <see cref="EdgeOptions.Followed"/>.</param>
/// <param name="cache">Null for an edge without a disk.</param>
internal sealed partial class RouteFollower(
    string target, IRouteSource source, ISnapshotFollower follower, EdgeState state, SnapshotCache? cache, TrustedKeys keys,
    EdgeOptions options, Random random, TimeProvider time, ILogger<RouteFollower> logger) : BackgroundService
{
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Until the first snapshot there is nothing to serve, so an edge that was refused does not wait for long.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(2);

    private readonly ReplicaChoice replica = new(random, options.RouteReplicas);
    private TimeSpan interval = FirstInterval;
    private long revision;
    private int failures;

    /// <summary>The random part of an ordinary wait; the benchmark compares others.</summary>
    public double Jitter { get; init; } = PollWait.Jitter;

    /// <summary>Polls until it is stopped.</summary>
    public async Task FollowAsync(CancellationToken stoppingToken)
    {
        if (ReadCache() is { } cached && Check(cached) is { } restored) Accept(restored);
        else if (cache?.HadAny == true) follower.Looked(target);
        // A fleet that starts together reads at once, for it has nothing to serve yet, and then spreads.
        double jitter = PollWait.FullJitter;
        while (!stoppingToken.IsCancellationRequested)
        {
            await PollAsync(stoppingToken);
            follower.Looked(target);
            TimeSpan wait = PollWait.Next(interval, options.RoutePollInterval, failures, jitter, random.NextDouble());
            jitter = Jitter;
            await Task.Delay(wait, time, stoppingToken);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => FollowAsync(stoppingToken);

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        try
        {
            Take(await ReadAsync(stoppingToken));
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Storage is away or has too many requests: the last known routes go on serving.
            failures++;
            replica.Leave();
            Log.SourceUnreachable(logger, target, e.Message);
        }
    }

    private async Task<RouteReading> ReadAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        // Waited for beside it, too: a read that hangs may not hear that it is cancelled.
        return await source.ReadAsync(target, replica.Current, replica.KnownETag, either.Token).WaitAsync(either.Token);
    }

    private void Take(RouteReading reading)
    {
        if (reading.Blob is not { } blob)
        {
            failures = 0;
            if (reading.ETag is null) LeaveMissing();
            return;
        }

        replica.KnownETag = reading.ETag;
        if (Check(blob) is not { } snapshot)
        {
            // The others may be newer, or better signed. It counts as a failure, lest all of them are read again and again.
            failures++;
            replica.Leave();
            return;
        }

        failures = 0;
        Accept(snapshot);
        cache?.Write(target, blob);
    }

    private void LeaveMissing()
    {
        replica.Leave();
        // That a narrower target has no routes is the rule, and then this edge has something to serve by the wider one.
        if (revision == 0 && state.Table.Revisions.Count > 0) interval = options.RoutePollInterval;
    }

    private void Accept(RouteSnapshot snapshot)
    {
        interval = snapshot.PollInterval is { } told ? PollPlan.Within(told) : options.RoutePollInterval;
        replica.Learn(PollPlan.ReplicasWithin(snapshot.Replicas));
        follower.Follow(snapshot);
    }

    private byte[]? ReadCache()
    {
        try
        {
            return cache?.Read(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CacheUnreadable(logger, e.Message);
            return null;
        }
    }

    private RouteSnapshot? Check(byte[] blob)
    {
        SnapshotReading reading = SnapshotCheck.Read(blob, keys, target, revision);
        state.NoteSnapshot(target, reading.Fault);
        if (reading.Snapshot is { } snapshot) revision = snapshot.Revision;
        else Log.SnapshotRefused(logger, target, reading.Fault!);
        return reading.Snapshot;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The routes of {Target} could not be read: {Reason} The last known ones go on.")]
        public static partial void SourceUnreachable(ILogger logger, string target, string reason);

        [LoggerMessage(LogLevel.Warning, "The routes kept on disk could not be read: {Reason} This start needs the cloud.")]
        public static partial void CacheUnreadable(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Error, "The route snapshot of {Target} is refused: {Fault} The last accepted one goes on.")]
        public static partial void SnapshotRefused(ILogger logger, string target, string fault);
    }
}
