using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>
/// A percentile of all samples of rounds that count by weight, by the rule of <see cref="BenchmarkEvidence"/>. Sorted once,
/// from the slowest on: a high percentile then costs a walk over the few samples above it.
/// </summary>
internal sealed class PooledPercentile
{
    private readonly double above;
    private readonly double[] slowestFirst;
    private readonly int[] roundOf;
    private readonly int[] counts;

    /// <param name="samplesByRound">At least one sample.</param>
    /// <param name="share">The percentile, 0 to 1.</param>
    public PooledPercentile(ImmutableArray<double>[] samplesByRound, double share)
    {
        above = 1 - share;
        counts = [.. samplesByRound.Select(s => s.Length)];
        slowestFirst = [.. samplesByRound.SelectMany(s => s)];
        roundOf = [.. samplesByRound.SelectMany((s, round) => Enumerable.Repeat(round, s.Length))];
        Array.Sort(slowestFirst, roundOf);
        Array.Reverse(slowestFirst);
        Array.Reverse(roundOf);
    }

    public int Count => slowestFirst.Length;

    /// <param name="weights">How often each round counts.</param>
    public double Of(ReadOnlySpan<int> weights)
    {
        long total = 0;
        for (int round = 0; round < counts.Length; round++) total += (long)weights[round] * counts[round];
        long left = (long)(above * total);
        int at = 0;
        while (at < slowestFirst.Length - 1 && (left -= weights[roundOf[at]]) >= 0) at++;
        return slowestFirst[at];
    }
}
