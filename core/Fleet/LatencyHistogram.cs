using System.Collections.Immutable;

namespace Pipeline.Core.Fleet;

/// <summary>
/// Fixed latency buckets, so that counters of edges can be added and subtracted: 16 to each doubling, so that neighbours are
/// 4.4 % apart and a rollout can tell a P99 from one that is a tenth higher.
/// </summary>
public static class LatencyHistogram
{
    public const int BucketsPerDoubling = 16;

    private const double FirstMilliseconds = 0.125;
    private const int Doublings = 17;

    /// <summary>Upper bounds in milliseconds, 0.125 to 16384; one more bucket holds everything above the last. Frozen.</summary>
    public static ImmutableArray<double> UpperBoundsMilliseconds { get; } =
    [
        .. Enumerable.Range(0, Doublings * BucketsPerDoubling + 1)
            .Select(i => FirstMilliseconds * (1 << (i / BucketsPerDoubling)) * Math.Pow(2, i % BucketsPerDoubling / 16.0)),
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
