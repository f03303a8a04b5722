namespace Pipeline.Bench.Gating;

/// <summary>Exact one-sided 95 % bounds of a share, from the binomial distribution itself.</summary>
internal static class ClopperPearson
{
    private const double Error = 0.05;

    /// <summary>The share is at least this; 0 without hits.</summary>
    public static double Lower(int hits, int total) =>
        hits == 0 ? 0 : Solve(share => 1 - AtMost(hits - 1, total, share) < Error);

    /// <summary>The share is at most this; 1 when all are hits.</summary>
    public static double Upper(int hits, int total) =>
        hits == total ? 1 : Solve(share => AtMost(hits, total, share) > Error);

    /// <summary>The largest share for which the condition still holds, which it does from 0 up to there.</summary>
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

    private static double AtMost(int hits, int total, double share)
    {
        double term = Math.Pow(1 - share, total);
        double sum = term;
        for (int k = 1; k <= hits; k++)
        {
            term *= (double)(total - k + 1) / k * share / (1 - share);
            sum += term;
        }

        return sum;
    }
}
