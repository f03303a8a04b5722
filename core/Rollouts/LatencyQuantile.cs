using System.Collections.Immutable;
using Pipeline.Core.Fleet;

namespace Pipeline.Core.Rollouts;

/// <summary>Quantiles of a latency histogram.</summary>
public static class LatencyQuantile
{
    /// <summary>
    /// The quantile (0 to 1) in milliseconds, interpolated inside its bucket; the last bucket, which has no upper bound,
    /// counts as its lower one. 0 without samples.
    /// </summary>
    public static double Estimate(ImmutableArray<long> buckets, double quantile)
    {
        long total = buckets.IsDefaultOrEmpty ? 0 : buckets.Sum();
        if (total <= 0) return 0;
        double rank = Math.Clamp(quantile, 0, 1) * total;
        long before = 0;
        for (int bucket = 0; bucket < buckets.Length; before += buckets[bucket++])
        {
            if (buckets[bucket] == 0 || before + buckets[bucket] < rank) continue;
            double lower = LowerEdge(bucket);
            double upper = UpperEdge(bucket);
            return double.IsFinite(upper) ? lower + (upper - lower) * (rank - before) / buckets[bucket] : lower;
        }

        return LowerEdge(buckets.Length - 1);
    }

    /// <summary>
    /// With 99 % confidence the 99th percentile is at least this: the highest bucket edge that more than 1 % of the requests
    /// lie above. 0 when there are too few to tell.
    /// </summary>
    internal static double P99AtLeast(ImmutableArray<long> buckets)
    {
        long total = buckets.Sum();
        long above = 0;
        for (int bucket = buckets.Length - 1; bucket > 0; bucket--)
        {
            above += buckets[bucket];
            if (WilsonInterval.Lower(above, total) > 0.01) return LowerEdge(bucket);
        }

        return 0;
    }

    /// <summary>
    /// With 99 % confidence the 99th percentile is at most this: the lowest bucket edge that less than 1 % of the requests
    /// lie above. Infinite when there are too few to tell, which is so below some 540 requests.
    /// </summary>
    internal static double P99AtMost(ImmutableArray<long> buckets)
    {
        long total = buckets.Sum();
        long above = total;
        for (int bucket = 0; bucket < buckets.Length; bucket++)
        {
            above -= buckets[bucket];
            if (WilsonInterval.Upper(above, total) < 0.01) return UpperEdge(bucket);
        }

        return double.PositiveInfinity;
    }

    private static double LowerEdge(int bucket) =>
        bucket <= 0 ? 0 : LatencyHistogram.UpperBoundsMilliseconds[Math.Min(bucket, LatencyHistogram.BucketCount - 1) - 1];

    private static double UpperEdge(int bucket) => bucket < LatencyHistogram.BucketCount - 1
        ? LatencyHistogram.UpperBoundsMilliseconds[bucket]
        : double.PositiveInfinity;
}
