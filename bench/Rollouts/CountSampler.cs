namespace Pipeline.Bench.Rollouts;

/// <summary>Random counts in a time that does not grow with them, so that ten thousand requests a second are as cheap as one.</summary>
internal sealed class CountSampler(int seed)
{
    // Below it a count is drawn exactly; above, a normal one differs by less than its own step matters.
    private const double ExactMaximum = 300;

    private readonly Random random = new(seed);

    /// <summary>How many of independent events come in a time in which <paramref name="mean"/> come on average.</summary>
    public long Poisson(double mean)
    {
        if (mean > ExactMaximum) return Normal(mean, mean, long.MaxValue);
        double left = Math.Exp(-mean);
        long count = -1;
        for (double product = 1; product > left; count++) product *= random.NextDouble();
        return count;
    }

    /// <summary>How many of <paramref name="total"/> hit, each with the chance <paramref name="share"/>.</summary>
    public long Binomial(long total, double share)
    {
        if (total <= 0 || share <= 0) return 0;
        if (share >= 1) return total;
        if (share > 0.5) return total - Binomial(total, 1 - share);
        double mean = total * share;
        if (mean > ExactMaximum) return Normal(mean, mean * (1 - share), total);
        double chance = Math.Pow(1 - share, total);
        double left = random.NextDouble();
        long count = 0;
        for (double odds = share / (1 - share); left > chance && count < total; count++)
        {
            left -= chance;
            chance *= odds * (total - count) / (count + 1);
        }

        return count;
    }

    /// <summary>Adds <paramref name="total"/> to the counts, each to one of them by its share.</summary>
    /// <param name="below">The share of each count and of all before it; it ends in 1.</param>
    public void Multinomial(long total, ReadOnlySpan<double> below, Span<long> counts)
    {
        if (total < below.Length)
        {
            for (; total > 0; total--)
            {
                int found = below.BinarySearch(random.NextDouble());
                counts[found < 0 ? ~found : found]++;
            }

            return;
        }

        double before = 0;
        for (int i = 0; i < below.Length && total > 0; i++)
        {
            if (below[i] <= before) continue;
            long taken = Binomial(total, (below[i] - before) / (1 - before));
            counts[i] += taken;
            total -= taken;
            before = below[i];
        }
    }

    private long Normal(double mean, double variance, long maximum)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (long)Math.Clamp(Math.Round(mean + Math.Sqrt(variance) * normal), 0, maximum);
    }
}
