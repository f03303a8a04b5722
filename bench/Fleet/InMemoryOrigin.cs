using System.Globalization;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Sources;

namespace Pipeline.Bench.Fleet;

/// <summary>
/// Stands for the storage account: it has each replica in memory, answers conditional reads after a fixed time, and refuses
/// what goes beyond 500 requests for one blob in one second of the virtual clock, as Azure Storage does with 503 ServerBusy.
/// </summary>
internal sealed class InMemoryOrigin(VirtualClock clock, int replicas) : IRouteSource
{
    /// <summary>What a request takes there and back.</summary>
    public static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(50);

    // Response headers (and the 503's body) as storage sends them, about; what is sent to storage costs nothing.
    private const int NotModifiedBytes = 300;
    private const int FoundBytes = 600;
    private const int RefusedBytes = 600;

    private readonly int[] inThisSecond = new int[replicas];
    private byte[] blob = [];
    private int written;
    private long second = -1;

    /// <summary>Replicas that fail.</summary>
    public HashSet<int> Away { get; } = [];

    public OriginCounts Counts { get; private set; } = new();

    /// <summary>All replicas hold these bytes from now on.</summary>
    public void Publish(byte[] bytes)
    {
        blob = bytes;
        written++;
    }

    public void ResetCounts() => Counts = new OriginCounts();

    public async Task<RouteReading> ReadAsync(
        string target, int replica, string? knownETag, CancellationToken cancellationToken)
    {
        bool taken = Count(replica);
        await Task.Delay(Latency, clock, cancellationToken);
        if (Away.Contains(replica)) throw new IOException("The storage is away.");
        if (!taken)
        {
            Counts.Bytes += RefusedBytes;
            throw new IOException("503 ServerBusy");
        }

        string etag = string.Create(CultureInfo.InvariantCulture, $"{replica}-{written}");
        bool known = knownETag == etag;
        Counts.Bytes += known ? NotModifiedBytes : FoundBytes + blob.Length;
        return known ? RouteReading.Unchanged(etag) : new RouteReading(blob, etag);
    }

    private bool Count(int replica)
    {
        if ((long)clock.Seconds != second)
        {
            second = (long)clock.Seconds;
            Array.Clear(inThisSecond);
        }

        int asked = ++inThisSecond[replica];
        Counts.Requests++;
        Counts.PeakPerBlob = Math.Max(Counts.PeakPerBlob, asked);
        if (asked <= PollPlan.RequestsPerSecondMaximum) return true;
        Counts.Refused++;
        return false;
    }
}
