using Pipeline.Core.Gates;

namespace Pipeline.Engines.Benchmarks;

/// <summary>What the samples of a measurement come to, by the rules of <see cref="BenchmarkEvidence"/>. Pure.</summary>
internal sealed class SampleStatistics
{
    private readonly double[] sorted;

    /// <param name="samples">In milliseconds, in any order, at least one.</param>
    public SampleStatistics(IEnumerable<double> samples)
    {
        sorted = [.. samples];
        Array.Sort(sorted);
        Mean = sorted.Average();
        double variance = sorted.Average(m => (m - Mean) * (m - Mean));
        VariationPercent = Mean > 0 ? Math.Sqrt(variance) / Mean * 100 : 0;
    }

    public int Count => sorted.Length;

    public double Mean { get; }

    public double Median => Percentiles.Median(sorted);

    /// <summary>Population standard deviation / mean, in percent.</summary>
    public double VariationPercent { get; }

    public double Percentile(double percentile) => Percentiles.Of(sorted, percentile);

    public PhaseTime ToPhase() => new()
    {
        MeanMilliseconds = Mean,
        P50Milliseconds = Median,
        P95Milliseconds = Percentile(95),
        P99Milliseconds = Percentile(99),
        CoefficientOfVariationPercent = VariationPercent,
    };
}
