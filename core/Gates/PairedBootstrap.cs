namespace Pipeline.Core.Gates;

/// <summary>
/// Ratios candidate / baseline with intervals. What is drawn again is the round as a whole, since its four blocks saw the
/// same machine: drift and a neighbour's load meet both engines and cancel. P50 and throughput are the mean of the middle
/// half of the rounds' log ratios, so that up to a quarter of the rounds may be disturbed on either side; P99 is told from
/// the samples of all rounds together. The interval is <see cref="PairedSampling.StandardErrors"/> of the bootstrap wide to
/// each side, with Student's correction for few rounds. The same rounds and seed give the same intervals.
/// </summary>
public static class PairedBootstrap
{
    private const int Replicates = 1000;

    /// <param name="rounds">At least one.</param>
    public static PairedProfile Estimate(string profile, IReadOnlyList<PairedRound> rounds, ulong seed)
    {
        var p50 = new MiddleHalf([.. rounds.Select(r => Log(r.Candidate.P50Milliseconds) - Log(r.Baseline.P50Milliseconds))]);
        var throughput = new MiddleHalf(
            [.. rounds.Select(r => Log(r.Candidate.ThroughputPerSecond) - Log(r.Baseline.ThroughputPerSecond))]);
        var baseline = new PooledPercentile([.. rounds.Select(r => r.Baseline.Milliseconds)], 0.99);
        var candidate = new PooledPercentile([.. rounds.Select(r => r.Candidate.Milliseconds)], 0.99);
        var (p50s, throughputs, p99s) = (new double[Replicates], new double[Replicates], new double[Replicates]);
        int[] weights = new int[rounds.Count];
        var random = new SeededSequence(seed);
        for (int replicate = 0; replicate < Replicates; replicate++)
        {
            Array.Clear(weights);
            for (int draw = 0; draw < weights.Length; draw++) weights[random.Next(weights.Length)]++;
            p50s[replicate] = p50.Of(weights);
            throughputs[replicate] = throughput.Of(weights);
            p99s[replicate] = Log(candidate.Of(weights)) - Log(baseline.Of(weights));
        }

        Array.Fill(weights, 1);
        double reach = Reach(rounds.Count);
        return new PairedProfile
        {
            Profile = profile,
            Rounds = rounds.Count,
            SamplesPerSide = candidate.Count,
            P50 = Interval(p50.Of(weights), p50s, reach),
            P99 = Interval(Log(candidate.Of(weights)) - Log(baseline.Of(weights)), p99s, reach),
            Throughput = Interval(throughput.Of(weights), throughputs, reach),
        };
    }

    // A clock that did not move still took some time.
    private static double Log(double value) => Math.Log(Math.Clamp(value, 1e-9, 1e12));

    private static RatioInterval Interval(double logRatio, double[] replicates, double reach)
    {
        double mean = replicates.Average();
        double error = Math.Sqrt(replicates.Sum(r => (r - mean) * (r - mean)) / (replicates.Length - 1));
        // Bounded, so that a number that is written to JSON stays one.
        double half = Math.Min(reach * error, 50);
        return new RatioInterval(Math.Exp(logRatio), Math.Exp(logRatio - half), Math.Exp(logRatio + half));
    }

    /// <summary>
    /// Student's quantile for the normal one, by the expansion in 1/freedom of Abramowitz and Stegun 26.7.5; the middle half
    /// of the rounds is what tells the spread.
    /// </summary>
    private static double Reach(int rounds)
    {
        double f = Math.Max((rounds / 2) - 1, 1);
        double z = PairedSampling.StandardErrors;
        double z3 = Math.Pow(z, 3), z5 = Math.Pow(z, 5), z7 = Math.Pow(z, 7), z9 = Math.Pow(z, 9);
        return z
            + ((z3 + z) / (4 * f))
            + (((5 * z5) + (16 * z3) + (3 * z)) / (96 * f * f))
            + (((3 * z7) + (19 * z5) + (17 * z3) - (15 * z)) / (384 * f * f * f))
            + (((79 * z9) + (776 * z7) + (1482 * z5) - (1920 * z3) - (945 * z)) / (92160 * f * f * f * f));
    }
}
