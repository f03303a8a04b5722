using Pipeline.Core.Fleet;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// What one version did since the process started, by route kind. Only ever counted up, each number by itself and
/// without a lock: a reader may see a request before its latency, and windows are differences anyway.
/// </summary>
internal sealed class VersionStatistics(string model, string version)
{
    private readonly Counters[] byKind = [new(), new()];

    public string Model { get; } = model;

    public string Version { get; } = version;

    /// <summary>Counts an answer and the time that it waited and ran on our side.</summary>
    public void CountSuccess(RouteKind kind, TimeSpan latency)
    {
        Counters counters = byKind[(int)kind];
        Interlocked.Increment(ref counters.Requests);
        Interlocked.Add(ref counters.LatencyTicks, latency.Ticks);
        Interlocked.Increment(ref counters.Latency[LatencyHistogram.BucketOf(latency.TotalMilliseconds)]);
    }

    /// <summary>Counts a request that failed on our side.</summary>
    public void CountError(RouteKind kind)
    {
        Interlocked.Increment(ref byKind[(int)kind].Requests);
        Interlocked.Increment(ref byKind[(int)kind].Errors);
    }

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
