using Pipeline.Edge.Sources;

namespace Pipeline.Edge.Tests.Routing;

/// <summary>Replicas in memory that answer what a test says; keeps each read with its virtual time.</summary>
internal sealed class ScriptedRoutes(TimeProvider time) : IRouteSource
{
    private readonly long start = time.GetTimestamp();
    private readonly Dictionary<int, RouteReading> blobs = [];
    private int written;

    public List<Read> Reads { get; } = [];

    /// <summary>Replicas that fail, and how.</summary>
    public Dictionary<int, Exception> Faults { get; } = [];

    /// <summary>When set, reads never end, whatever is cancelled.</summary>
    public bool Hangs { get; set; }

    public void Write(byte[] blob, params int[] replicas)
    {
        foreach (int replica in replicas) blobs[replica] = new RouteReading(blob, $"etag-{++written}");
    }

    public void Delete(int replica) => blobs.Remove(replica);

    public Task<RouteReading> ReadAsync(string target, int replica, string? knownETag, CancellationToken cancellationToken)
    {
        Reads.Add(new Read(replica, knownETag, time.GetElapsedTime(start).TotalSeconds));
        if (Hangs) return new TaskCompletionSource<RouteReading>().Task;
        if (Faults.TryGetValue(replica, out Exception? fault)) return Task.FromException<RouteReading>(fault);
        RouteReading found = blobs.GetValueOrDefault(replica, RouteReading.Missing);
        return Task.FromResult(
            found.ETag is not null && found.ETag == knownETag ? RouteReading.Unchanged(knownETag) : found);
    }

    internal sealed record Read(int Replica, string? KnownETag, double AtSeconds);
}
