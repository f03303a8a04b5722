using System.Collections.Immutable;

namespace Pipeline.Core.Fleet;

/// <summary>Fixed latency buckets, so that counters of edges can be added and subtracted.</summary>
public static class LatencyHistogram
{
    /// <summary>Upper bounds in milliseconds; one more bucket holds everything above the last. Frozen.</summary>
    public static ImmutableArray<double> UpperBoundsMilliseconds { get; } =
    [
        0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 180, 256, 360, 512, 720,
        1024, 1448, 2048, 4096, 8192, 16384,
    ];

    public static int BucketCount => UpperBoundsMilliseconds.Length + 1;

    /// <summary>Index of the bucket that a latency falls in.</summary>
    public static int BucketOf(double milliseconds)
    {
        ReadOnlySpan<double> bounds = UpperBoundsMilliseconds.AsSpan();
        int index = bounds.BinarySearch(milliseconds);
        return index >= 0 ? index : ~index;
    }
}
