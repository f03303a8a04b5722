using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Measuring;

namespace Pipeline.Edge.Tests.Measuring;

public sealed class TickBucketsTests
{
    [Fact]
    public void Bucket_OfAnyTime_IsTheHistogramsOwn()
    {
        // All magnitudes alike: a number of up to 40 bits, most of which are random.
        Gen<long> ticks =
            from bits in Gen.Choose(0, 40)
            from high in Gen.Choose(0, int.MaxValue)
            from low in Gen.Choose(0, int.MaxValue)
            select (((long)high << 31) | (uint)low) >> (62 - bits);
        Prop.ForAll(ticks.ToArbitrary(), t => TickBuckets.Of(t) == Expected(t))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Bucket_AroundEveryBound_IsTheHistogramsOwn()
    {
        foreach (double bound in LatencyHistogram.UpperBoundsMilliseconds)
        {
            long ticks = (long)(bound * Stopwatch.Frequency / 1000);
            for (long t = ticks - 3; t <= ticks + 3; t++) Assert.Equal(Expected(t), TickBuckets.Of(t));
        }
    }

    [Theory]
    [InlineData(long.MinValue, 0)]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(long.MaxValue, 273)]
    public void Bucket_OfAnImpossibleTime_IsTheNearest(long ticks, int bucket) => Assert.Equal(bucket, TickBuckets.Of(ticks));

    private static int Expected(long ticks) => LatencyHistogram.BucketOf(TickBuckets.Milliseconds(ticks));
}
