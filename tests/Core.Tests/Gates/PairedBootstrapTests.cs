using Pipeline.Core.Gates;

namespace Pipeline.Core.Tests.Gates;

public sealed class PairedBootstrapTests
{
    [Theory]
    [InlineData(8, 0.02)]
    [InlineData(16, 0.02)]
    [InlineData(64, 0.02)]
    [InlineData(64, 0.2)]
    public void Intervals_HoldTheTrueRatioAsOftenAsTheySay(int rounds, double drift)
    {
        const int trials = 1000;
        var missed = (P50: 0, Throughput: 0, P99: 0);
        double width = 0;
        for (int trial = 0; trial < trials; trial++)
        {
            var pair = new SimulatedPair(trial, ratio: 1.03) { Drift = drift };
            PairedProfile seen = PairedBootstrap.Estimate("p", pair.Rounds(rounds), seed: 1);
            if (!Holds(seen.P50, 1.03)) missed.P50++;
            if (!Holds(seen.Throughput, 1 / 1.03)) missed.Throughput++;
            if (!Holds(seen.P99, 1.03)) missed.P99++;
            width += seen.P50.Width;
        }
        Assert.Fail($"{rounds} {drift} {missed} width {width / trials}");
    }

    private static bool Holds(RatioInterval interval, double ratio) => interval.Low <= ratio && ratio <= interval.High;
}
