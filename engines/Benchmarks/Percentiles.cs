namespace Pipeline.Engines.Benchmarks;

/// <summary>The percentile rule of trtexec, named trtexec-nearest-rank in reports. Pure.</summary>
public static class Percentiles
{
    /// <summary>
    /// sorted[max(N-1-int((1-p/100)*N), 0)], in single precision as trtexec computes it: that rounding decides which
    /// sample it is (p99 of 100 samples is the largest).
    /// </summary>
    /// <param name="sorted">Ascending, at least one.</param>
    /// <param name="percentile">0 to 100.</param>
    public static double Of(ReadOnlySpan<double> sorted, double percentile) =>
        sorted[IndexOf(sorted.Length, percentile)];

    /// <summary>The index in the sorted samples.</summary>
    public static int IndexOf(int count, double percentile)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (percentile is not (>= 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "A percentile is 0 to 100.");
        }

        float share = 1f - ((float)percentile / 100f);
        int excluded = (int)(share * count);
        return Math.Max(count - 1 - excluded, 0);
    }

    /// <summary>The middle, or the mean of the two middles.</summary>
    public static double Median(ReadOnlySpan<double> sorted)
    {
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
