using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Tests.Rollouts;

public sealed class LatencyQuantileTests
{
    [Theory]
    // Half of the requests are in the bucket that ends at 2 ms, half in the one that ends at 4 ms.
    [InlineData(0, 1.9152065613971474)]
    [InlineData(0.25, 1.9576032806985737)]
    [InlineData(0.5, 2)]
    [InlineData(0.75, 3.9152065613971474)]
    [InlineData(1, 4)]
    public void Quantile_InsideABucket_IsInterpolated(double quantile, double milliseconds) =>
        Assert.Equal(milliseconds, LatencyQuantile.Estimate(Buckets((2, 50), (4, 50)), quantile), 9);

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
        Assert.Equal(274, LatencyHistogram.BucketCount);
        Assert.Equal(0.125, LatencyHistogram.UpperBoundsMilliseconds[0]);
        Assert.Equal(1, LatencyHistogram.UpperBoundsMilliseconds[48]);
        Assert.Equal(16384, LatencyHistogram.UpperBoundsMilliseconds[^1]);
        double step = Math.Pow(2, 1 / 16.0);
        Assert.All(
            LatencyHistogram.UpperBoundsMilliseconds.Zip(LatencyHistogram.UpperBoundsMilliseconds.Skip(1)),
            pair => Assert.Equal(step, pair.Second / pair.First, 9));
        Assert.Equal((0, 0, 1, 272, 273), (
            LatencyHistogram.BucketOf(0), LatencyHistogram.BucketOf(0.125), LatencyHistogram.BucketOf(0.126),
            LatencyHistogram.BucketOf(16384), LatencyHistogram.BucketOf(16385)));
    }

    private static ImmutableArray<long> Buckets(params (double Milliseconds, long Count)[] counts)
    {
        long[] buckets = new long[LatencyHistogram.BucketCount];
        foreach ((double milliseconds, long count) in counts) buckets[LatencyHistogram.BucketOf(milliseconds)] += count;
        return [.. buckets];
    }
}
