using FsCheck;
using FsCheck.Fluent;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Engines.Tests.Benchmarks;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(1, 99, 0)]
    [InlineData(10, 99, 9)]
    [InlineData(10, 90, 8)]
    [InlineData(10, 50, 4)]
    [InlineData(100, 99, 99)]
    [InlineData(1000, 99, 990)]
    [InlineData(3000, 99, 2970)]
    [InlineData(1000, 100, 999)]
    [InlineData(1000, 0, 0)]
    public void IndexOf_TrtexecsRounding_IsKept(int count, double percentile, int index) =>
        Assert.Equal(index, Percentiles.IndexOf(count, percentile));

    [Theory]
    [InlineData(0, 50)]
    [InlineData(-1, 50)]
    [InlineData(10, 101)]
    [InlineData(10, -1)]
    [InlineData(10, double.NaN)]
    public void IndexOf_OutOfRange_Throws(int count, double percentile) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Percentiles.IndexOf(count, percentile));

    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 1, 3 }, 2)]
    [InlineData(new double[] { 1, 2, 9 }, 2)]
    public void Median_OddAndEven_IsTheMiddleOrTheMean(double[] sorted, double median) =>
        Assert.Equal(median, Percentiles.Median(sorted));

    [Fact]
    public void Of_AnySamples_IsOneOfThemAndRisesWithThePercentile() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonEmptyArray<NormalFloat>>(),
            Gen.Choose(0, 1000).ToArbitrary(),
            (samples, tenths) =>
            {
                double[] sorted = [.. samples.Get.Select(s => s.Get).Order()];
                double value = Percentiles.Of(sorted, tenths / 10.0);
                return sorted.Contains(value)
                    && value >= Percentiles.Of(sorted, 0) && value <= Percentiles.Of(sorted, 100);
            }).QuickCheckThrowOnFailure();
}
