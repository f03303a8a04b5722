using System.Diagnostics;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// What one version did since the process started, by route kind. Only ever counted up, each number by itself and
/// without a lock: a reader may see a request before its latency, and windows are differences anyway.
/// </summary>
internal sealed class VersionStatistics(string model, string version)
{
    private long batchedItems;
    private readonly Counters[] byKind = [new(), new()];

    public string Model { get; } = model;

    public string Version { get; } = version;

    /// <summary>Counts an answer and the time that it took on our side.</summary>
    public void CountServed(RouteKind kind, in RequestTimes times)
    {
        Counters counters = byKind[(int)kind];
        TimeSpan latency = Stopwatch.GetElapsedTime(0, times.TotalTicks);
        Interlocked.Increment(ref counters.Requests);
        Interlocked.Add(ref counters.LatencyTicks, latency.Ticks);
        Interlocked.Increment(ref counters.Latency[LatencyHistogram.BucketOf(latency.TotalMilliseconds)]);
    }

    /// <summary>Counts a request without an answer.</summary>
    public void CountError(RouteKind kind, RequestErrorKind error)
    {
        if (error is not (RequestErrorKind.RunFailed or RequestErrorKind.DeadlineExceeded)) return;
        Interlocked.Increment(ref byKind[(int)kind].Requests);
        Interlocked.Increment(ref byKind[(int)kind].Errors);
    }

    /// <summary>Counts a run of so many items.</summary>
    public void CountBatch(int items) => Interlocked.Add(ref batchedItems, items);

    public long Requests(RouteKind kind) => Interlocked.Read(ref byKind[(int)kind].Requests);

    public long Errors(RouteKind kind) => Interlocked.Read(ref byKind[(int)kind].Errors);

    public TimeSpan LatencySum(RouteKind kind) =>
        TimeSpan.FromTicks(Interlocked.Read(ref byKind[(int)kind].LatencyTicks));

    public long InBucket(RouteKind kind, int bucket) => Interlocked.Read(ref byKind[(int)kind].Latency[bucket]);

    /// <summary>Both kinds together, as the fleet report tells them.</summary>
    public VersionCounters ToCounters()
    {
        long[] latency = new long[LatencyHistogram.BucketCount];
        for (int i = 0; i < latency.Length; i++)
            latency[i] = InBucket(RouteKind.Stable, i) + InBucket(RouteKind.Candidate, i);
        return new VersionCounters
        {
            Model = Model,
            Version = Version,
            Requests = Requests(RouteKind.Stable) + Requests(RouteKind.Candidate),
            Errors = Errors(RouteKind.Stable) + Errors(RouteKind.Candidate),
            Latency = [.. latency],
        };
    }

    private sealed class Counters
    {
        public readonly long[] Latency = new long[LatencyHistogram.BucketCount];
        public long Requests;
        public long Errors;
        public long LatencyTicks;
    }
}
