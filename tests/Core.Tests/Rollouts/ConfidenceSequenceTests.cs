using FsCheck;
using FsCheck.Fluent;
using Pipeline.Bench.Rollouts;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Tests.Rollouts;

public sealed class ConfidenceSequenceTests
{
    private const double Error = 0.05;

    [Theory]
    [InlineData(0.5, 0.57236494292470008)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(10.5, 13.940625219403763)]
    [InlineData(101, 363.73937555556349)]
    public void LogGamma_IsAsInTheTables(double x, double expected) => Assert.Equal(expected, LogGamma.Of(x), 11);

    [Theory]
    // Found by an independent program with a library's beta function.
    [InlineData(12, 12, 0.001, 0.1635842402356954, 1)]
    [InlineData(0, 1000, 0.001, 0, 0.009185242137386529)]
    [InlineData(200, 1000, 0.001, 0.14530527535415885, 0.2634241702384929)]
    public void Bounds_AreWhereTheEvidenceReachesTheError(double hits, double total, double error, double lower, double upper)
    {
        Assert.Equal(lower, ConfidenceSequence.Lower(hits, total, error), 5);
        Assert.Equal(upper, ConfidenceSequence.Upper(hits, total, error), 5);
    }

    [Fact]
    public void Bounds_OfNothing_SayNothing()
    {
        Assert.Equal((0, 1), (ConfidenceSequence.Lower(0, 0, Error), ConfidenceSequence.Upper(0, 0, Error)));
        Assert.Equal(double.PositiveInfinity, ConfidenceSequence.FewestAbove(0.01, 0, Error));
        Assert.Equal(double.PositiveInfinity, ConfidenceSequence.FewestAbove(0.01, 1, Error));
        Assert.Equal(-1, ConfidenceSequence.MostBelow(0.01, 100, Error));
    }

    [Fact]
    public void Bounds_LieAroundTheShare_AndRiseWithTheHits() =>
        Prop.ForAll<int, int>((a, b) =>
        {
            int total = 1 + Math.Abs(a % 100_000);
            int hits = Math.Abs(b % total);
            double share = (double)hits / total;
            return ConfidenceSequence.Lower(hits, total, Error) <= share
                && ConfidenceSequence.Upper(hits, total, Error) >= share
                && ConfidenceSequence.Lower(hits, total, Error) <= ConfidenceSequence.Lower(hits + 1, total, Error)
                && ConfidenceSequence.Upper(hits, total, Error) <= ConfidenceSequence.Upper(hits + 1, total, Error);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(1_000_000));

    [Fact]
    public void Counts_ThatShowAShare_AgreeWithTheBounds() =>
        Prop.ForAll<int>(a =>
        {
            int total = 1000 + Math.Abs(a % 100_000);
            double above = ConfidenceSequence.FewestAbove(0.01, total, Error);
            double below = ConfidenceSequence.MostBelow(0.01, total, Error);
            return ConfidenceSequence.Lower(above + 0.01, total, Error) > 0.01
                && ConfidenceSequence.Lower(above - 0.01, total, Error) < 0.01
                && (below < 0 || ConfidenceSequence.Upper(below - 0.01, total, Error) < 0.01)
                && (below < 0 || ConfidenceSequence.Upper(below + 0.01, total, Error) > 0.01);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(1_000_000));

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.3)]
    public void Share_AtItsLimit_IsDoubtedAtAnyOfManyLooksAtMostAsOftenAsSaid(double share)
    {
        const int Series = 10_000;
        const int Looks = 200;
        const int RequestsALook = 50;
        double[] above = [.. Enumerable.Range(1, Looks).Select(i => ConfidenceSequence.FewestAbove(share, i * RequestsALook, Error))];
        double[] below = [.. Enumerable.Range(1, Looks).Select(i => ConfidenceSequence.MostBelow(share, i * RequestsALook, Error))];
        var sampler = new CountSampler(1);
        int everAbove = 0, everBelow = 0;
        for (int series = 0; series < Series; series++)
        {
            long hits = 0;
            bool isAbove = false, isBelow = false;
            for (int look = 0; look < Looks; look++)
            {
                hits += sampler.Binomial(RequestsALook, share);
                isAbove |= hits >= above[look];
                isBelow |= hits <= below[look];
            }

            everAbove += isAbove ? 1 : 0;
            everBelow += isBelow ? 1 : 0;
        }

        // A bound for one look, asked at each of these, is wrong in more than a fifth of the series.
        Assert.InRange((double)everAbove / Series, 0, Error);
        Assert.InRange((double)everBelow / Series, 0, Error);
        Assert.True(everAbove > 0, "The bound is so wide that it would never tell anything.");
    }
}
