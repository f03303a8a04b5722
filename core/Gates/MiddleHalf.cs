namespace Pipeline.Core.Gates;

/// <summary>The mean of the middle half of values that count by weight. Sorted once, for many weights.</summary>
internal sealed class MiddleHalf
{
    private readonly double[] sorted;
    private readonly int[] order;

    public MiddleHalf(double[] values)
    {
        order = [.. Enumerable.Range(0, values.Length)];
        sorted = [.. values];
        Array.Sort(sorted, order);
    }

    /// <param name="weights">How often each value counts, in the order in which they were given; their sum is their number.</param>
    public double Of(ReadOnlySpan<int> weights)
    {
        double low = weights.Length / 4.0;
        double high = weights.Length - low;
        double sum = 0;
        int before = 0;
        for (int i = 0; i < sorted.Length && before < high; i++)
        {
            int after = before + weights[order[i]];
            double inside = Math.Min(after, high) - Math.Max(before, low);
            if (inside > 0) sum += inside * sorted[i];
            before = after;
        }

        return sum / (high - low);
    }
}
