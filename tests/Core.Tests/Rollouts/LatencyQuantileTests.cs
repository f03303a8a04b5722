using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Tests.Rollouts;

public sealed class LatencyQuantileTests
{
    [Theory]
    // Half of the requests took 2 to 2.8 ms, half 2.8 to 4 ms.
    [InlineData(0, 2)]
    [InlineData(0.25, 2.4)]
    [InlineData(0.5, 2.8)]
    [InlineData(0.75, 3.4)]
    [InlineData(1, 4)]
    public void Quantile_InsideABucket_IsInterpolated(double quantile, double milliseconds) =>
        Assert.Equal(milliseconds, LatencyQuantile.Estimate(Buckets((2.5, 50), (3, 50)), quantile), 9);

    [Fact]
    public void Quantile_OfNothing_IsZero()
    {
        Assert.Equal(0, LatencyQuantile.Estimate([], 0.5));
        Assert.Equal(0, LatencyQuantile.Estimate(default, 0.5));
        Assert.Equal(0, LatencyQuantile.Estimate(Buckets(), 0.99));
    }

    [Fact]
    public void Quantile_AboveTheLastBound_IsThatBound() =>
        Assert.Equal(16384, LatencyQuantile.Estimate(Buckets((20_000, 10)), 0.99));

    [Fact]
    public void Quantile_RisesWithTheShareAsked() =>
        Prop.ForAll<int[], int, int>((counts, a, b) =>
        {
            ImmutableArray<long> buckets =
                [.. Enumerable.Range(0, LatencyHistogram.BucketCount).Select(i => i < counts?.Length ? Math.Abs(counts[i] % 1000L) : 0)];
            double low = Math.Abs(a % 1001) / 1000.0;
            double high = Math.Min(1, low + Math.Abs(b % 1001) / 1000.0);
            double first = LatencyQuantile.Estimate(buckets, low);
            return first >= 0 && first <= LatencyQuantile.Estimate(buckets, high) + 1e-9;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Histogram_Bounds_NeverChange()
    {
        // Frozen: stored counters are added and subtracted bucket by bucket.
        Assert.Equal(
            "0.25 0.35 0.5 0.7 1 1.4 2 2.8 4 5.6 8 11 16 22 32 45 64 90 128 180 256 360 512 720 1024 1448 2048 4096 8192 16384",
            string.Join(' ', LatencyHistogram.UpperBoundsMilliseconds));
        Assert.Equal(31, LatencyHistogram.BucketCount);
        Assert.Equal((0, 0, 1, 29, 30), (
            LatencyHistogram.BucketOf(0), LatencyHistogram.BucketOf(0.25), LatencyHistogram.BucketOf(0.26),
            LatencyHistogram.BucketOf(16384), LatencyHistogram.BucketOf(16385)));
    }

    private static ImmutableArray<long> Buckets(params (double Milliseconds, long Count)[] counts)
    {
        long[] buckets = new long[LatencyHistogram.BucketCount];
        foreach ((double milliseconds, long count) in counts) buckets[LatencyHistogram.BucketOf(milliseconds)] += count;
        return [.. buckets];
    }
}
