using Pipeline.Core.Gates;

namespace Pipeline.Core.Tests.Gates;

/// <summary>
/// Rounds as a noisy machine gives them: drift that both engines meet, samples with a long tail, and now and then a round in
/// which one block was disturbed.
/// </summary>
internal sealed class SimulatedPair(int seed, double ratio)
{
    private const int RunsPerBlock = 12;

    private readonly Random random = new(seed);
    private double drift;

    /// <summary>Share of rounds in which something else took the machine for one block.</summary>
    public double Disturbed { get; init; } = 0.1;

    /// <summary>How far the machine's speed wanders from block to block, as a share.</summary>
    public double Drift { get; init; } = 0.02;

    public PairedRound[] Rounds(int count) => [.. Enumerable.Range(0, count).Select(_ => Round())];

    public PairedRound Round()
    {
        int disturbed = random.NextDouble() < Disturbed ? random.Next(4) : -1;
        double[][] blocks = [.. Enumerable.Range(0, 4).Select(i => Block(i is 0 or 3 ? 1 : ratio, i == disturbed))];
        return new PairedRound { Baseline = Side(blocks[0], blocks[3]), Candidate = Side(blocks[1], blocks[2]) };
    }

    private double[] Block(double milliseconds, bool disturbed)
    {
        drift += Drift * Normal();
        double speed = Math.Exp(drift) * (disturbed ? 1.5 : 1);
        return [.. Enumerable.Range(0, RunsPerBlock).Select(_ => milliseconds * speed * (1 + 0.05 * -Math.Log(1 - random.NextDouble())))];
    }

    private static PairedSide Side(double[] first, double[] second) => new()
    {
        P50Milliseconds = Math.Sqrt(Median(first) * Median(second)),
        ThroughputPerSecond = 1000 / Math.Sqrt(first.Average() * second.Average()),
        Milliseconds = [.. first, .. second],
    };

    private static double Median(double[] values) => values.Order().Skip((values.Length / 2) - 1).Take(2).Average();

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
