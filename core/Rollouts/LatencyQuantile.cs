using System.Collections.Immutable;
using Pipeline.Core.Fleet;

namespace Pipeline.Core.Rollouts;

/// <summary>Quantiles of a latency histogram.</summary>
public static class LatencyQuantile
{
    private const double SlowShare = 0.01;

    /// <summary>
    /// The quantile (0 to 1) in milliseconds, interpolated inside its bucket; the last bucket, which has no upper bound,
    /// counts as its lower one. 0 without samples.
    /// </summary>
    public static double Estimate(ImmutableArray<long> buckets, double quantile)
    {
        double total = Total(buckets);
        return total <= 0 ? 0 : At(buckets, Math.Clamp(quantile, 0, 1) * total, LowerEdge(buckets.Length - 1));
    }

    /// <summary>
    /// The 99th percentile is at least this, at all looks but with the probability <paramref name="error"/>; 0 when there
    /// are too few requests to tell.
    /// </summary>
    /// <remarks>
    /// As in <see cref="Estimate"/>, the requests of a bucket lie evenly in it. The counts above two latencies are nested, so
    /// that to be wrong about any latency above the percentile is to be wrong about the percentile: the error is spent once,
    /// not once an edge.
    /// </remarks>
    internal static double P99AtLeast(ImmutableArray<long> buckets, double error)
    {
        double total = Total(buckets);
        double above = ConfidenceSequence.FewestAbove(SlowShare, total, error);
        return above > total ? 0 : At(buckets, total - above, LowerEdge(buckets.Length - 1));
    }

    /// <summary>
    /// The 99th percentile is at most this, at all looks but with the probability <paramref name="error"/>; infinite when
    /// there are too few requests to tell.
    /// </summary>
    internal static double P99AtMost(ImmutableArray<long> buckets, double error)
    {
        double total = Total(buckets);
        double above = ConfidenceSequence.MostBelow(SlowShare, total, error);
        return above < 0 ? double.PositiveInfinity : At(buckets, total - above, double.PositiveInfinity);
    }

    private static double Total(ImmutableArray<long> buckets)
    {
        double total = 0;
        if (buckets.IsDefault) return total;
        foreach (long count in buckets) total += count;
        return total;
    }

    private static double At(ImmutableArray<long> buckets, double rank, double inLastBucket)
    {
        double before = 0;
        for (int bucket = 0; bucket < buckets.Length - 1; before += buckets[bucket++])
        {
            if (buckets[bucket] == 0 || before + buckets[bucket] < rank) continue;
            double lower = LowerEdge(bucket);
            return lower + (UpperEdge(bucket) - lower) * (rank - before) / buckets[bucket];
        }

        return inLastBucket;
    }

    private static double LowerEdge(int bucket) =>
        bucket <= 0 ? 0 : LatencyHistogram.UpperBoundsMilliseconds[Math.Min(bucket, LatencyHistogram.BucketCount - 1) - 1];

    private static double UpperEdge(int bucket) => LatencyHistogram.UpperBoundsMilliseconds[bucket];
}
