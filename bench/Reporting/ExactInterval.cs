namespace Pipeline.Bench.Reporting;

/// <summary>The exact 95 % interval of a share (Clopper and Pearson): right for shares near 0, where rare events are counted.</summary>
internal static class ExactInterval
{
    private const double EachSide = 0.025;

    public static (double Lower, double Upper) Of(long hits, long total) =>
    (
        hits == 0 ? 0 : Solve(share => 1 - AtMost(hits - 1, total, share) < EachSide),
        hits == total ? 1 : Solve(share => AtMost(hits, total, share) > EachSide));

    // The share up to which the condition holds.
    private static double Solve(Func<double, bool> holds)
    {
        (double low, double high) = (0, 1);
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            if (holds(middle)) low = middle;
            else high = middle;
        }

        return low;
    }

    private static double AtMost(long hits, long total, double share)
    {
        double logChance = total * Math.Log(1 - share);
        double sum = 0;
        for (long count = 0; count <= hits; count++)
        {
            sum += Math.Exp(logChance);
            logChance += Math.Log((double)(total - count) / (count + 1)) + Math.Log(share / (1 - share));
        }

        return sum;
    }
}
