using Pipeline.Core.Gates;

namespace Pipeline.Core.Tests.Gates;

public sealed class PairedBootstrapTests
{
    private const double Ratio = 1.03;

    /// <summary>
    /// 400 simulated measurements each. At 99.73 % a miss is rare: 6 would be one in 67, which chance does not give once in a
    /// thousand.
    /// </summary>
    [Theory]
    [InlineData(8, 0.02, 0.1)]
    [InlineData(16, 0.02, 0.1)]
    [InlineData(64, 0.02, 0.2)]
    // The machine's speed wanders by a fifth from block to block.
    [InlineData(64, 0.2, 0)]
    public void Intervals_OnADriftingAndDisturbedMachine_HoldTheTrueRatio(int rounds, double drift, double disturbed)
    {
        var missed = (P50: 0, Throughput: 0);
        for (int trial = 0; trial < 400; trial++)
        {
            var pair = new SimulatedPair(trial, Ratio) { Drift = drift, Disturbed = disturbed };
            PairedProfile seen = PairedBootstrap.Estimate("p", pair.Rounds(rounds), seed: 1);
            if (!Holds(seen.P50, Ratio)) missed.P50++;
            if (!Holds(seen.Throughput, 1 / Ratio)) missed.Throughput++;
        }

        Assert.InRange(missed.P50, 0, 5);
        Assert.InRange(missed.Throughput, 0, 5);
    }

    [Fact]
    public void MoreRounds_GiveNarrowerIntervals()
    {
        PairedProfile[] seen =
            [.. new[] { 16, 64, 256 }.Select(n => PairedBootstrap.Estimate("p", new SimulatedPair(1, Ratio).Rounds(n), seed: 1))];
        Assert.True(seen[0].P50.Width > 1.5 * seen[1].P50.Width && seen[1].P50.Width > 1.5 * seen[2].P50.Width);
        Assert.Equal([16, 64, 256], seen.Select(s => s.Rounds));
        Assert.Equal(16 * 24, seen[0].SamplesPerSide);
    }

    /// <summary>Ten times slower from one round to the next, for both alike: pairing by round leaves nothing of it.</summary>
    [Fact]
    public void Drift_ThatMeetsBothAlike_Cancels()
    {
        PairedRound[] rounds =
        [
            .. Enumerable.Range(0, 32).Select(i => new PairedRound
            {
                Baseline = Side(i % 2 == 0 ? 1 : 10),
                Candidate = Side((i % 2 == 0 ? 1 : 10) * Ratio),
            }),
        ];
        PairedProfile seen = PairedBootstrap.Estimate("p", rounds, seed: 1);
        Assert.Equal((Ratio, 0), (Math.Round(seen.P50.Estimate, 9), Math.Round(seen.P50.Width, 9)));
        Assert.Equal((Math.Round(1 / Ratio, 9), 0), (Math.Round(seen.Throughput.Estimate, 9), Math.Round(seen.Throughput.Width, 9)));
    }

    [Fact]
    public void AQuarterOfTheRoundsDisturbed_MovesNoEstimate()
    {
        PairedRound[] rounds =
        [
            .. Enumerable.Range(0, 32).Select(i => new PairedRound { Baseline = Side(1), Candidate = Side(i % 4 == 0 ? 50 : 1) }),
        ];
        Assert.Equal(1, PairedBootstrap.Estimate("p", rounds, seed: 1).P50.Estimate, 9);
    }

    /// <summary>One run in fifty takes ten times as long: the median does not see it, P99 does.</summary>
    [Fact]
    public void RareSlowRuns_ShowInP99Alone()
    {
        double[] even = [.. Enumerable.Repeat(1.0, 50)];
        double[] rare = [.. even[..49], 10];
        PairedRound[] rounds =
            [.. Enumerable.Range(0, 16).Select(_ => new PairedRound { Baseline = Side(even), Candidate = Side(rare) })];
        PairedProfile seen = PairedBootstrap.Estimate("p", rounds, seed: 1);
        Assert.Equal((1, 10), (Math.Round(seen.P50.Estimate, 9), Math.Round(seen.P99.Estimate, 9)));
    }

    [Fact]
    public void SameRoundsAndSeed_GiveTheSameIntervals()
    {
        PairedRound[] rounds = new SimulatedPair(3, Ratio).Rounds(16);
        Assert.Equal(PairedBootstrap.Estimate("p", rounds, seed: 7), PairedBootstrap.Estimate("p", rounds, seed: 7));
        Assert.NotEqual(PairedBootstrap.Estimate("p", rounds, seed: 7), PairedBootstrap.Estimate("p", rounds, seed: 8));
    }

    [Fact]
    public void OneRoundThatTookNoTime_StillGivesNumbers()
    {
        PairedProfile seen = PairedBootstrap.Estimate("p", [new PairedRound { Baseline = Side(0), Candidate = Side(1) }], seed: 1);
        Assert.All([seen.P50, seen.P99, seen.Throughput], r => Assert.True(double.IsFinite(r.Low) && double.IsFinite(r.High)));
    }

    private static bool Holds(RatioInterval interval, double ratio) => interval.Low <= ratio && ratio <= interval.High;

    private static PairedSide Side(params double[] milliseconds) => new()
    {
        P50Milliseconds = milliseconds.Order().ElementAt(milliseconds.Length / 2),
        ThroughputPerSecond = 1000 / Math.Max(milliseconds.Average(), 1e-6),
        Milliseconds = [.. milliseconds],
    };
}
