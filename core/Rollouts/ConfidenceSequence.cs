namespace Pipeline.Core.Rollouts;

/// <summary>
/// Bounds of a share that hold at every look at once. A rollout is looked at on each tick, and a bound that is right 99 times
/// in 100 at one look is wrong sooner or later at many; these are wrong at any look of an endless series with at most the
/// probability given.
/// <para>
/// A share p is doubted by the evidence M(p), the likelihood of what was counted, averaged over all shares q (weighted by a beta
/// distribution), over its likelihood under p. If p is the truth, M is a martingale that starts at 1, so by Ville's inequality
/// it ever reaches 1/error with at most the probability error: the beta-binomial mixture of Robbins (1970, "Statistical methods
/// related to the law of the iterated logarithm"), as in Howard, Ramdas, McAuliffe and Sekhon (2021, "Time-uniform,
/// nonparametric, nonasymptotic confidence sequences"). Hits may be fractions: for observations from 0 to 1 with mean p, M is a
/// supermartingale, since a likelihood ratio is convex in the hit.
/// </para>
/// </summary>
internal static class ConfidenceSequence
{
    // The weight of the shares q: a mean of about 5 % and most of it near 0, where shares of faults are. Any weight is valid;
    // this one needs a seventh fewer requests to tell 1.1 % from 0.6 % than Beta(1/2, 1/2) does.
    private const double PriorHits = 0.5;
    private const double PriorMisses = 10;
    private const int Halvings = 60;

    private static readonly double LogPrior = LogGamma.Beta(PriorHits, PriorMisses);

    /// <summary>The share is at least this, at all looks but with the probability <paramref name="error"/>; 0 without requests.</summary>
    public static double Lower(double hits, double total, double error) =>
        hits <= 0 ? 0 : Bound(outside: 0, inside: hits / total, share => Doubts(hits, total, share, error));

    /// <summary>The share is at most this, at all looks but with the probability <paramref name="error"/>; 1 without requests.</summary>
    public static double Upper(double hits, double total, double error) =>
        total <= 0 || hits >= total ? 1 : Bound(outside: 1, inside: hits / total, share => Doubts(hits, total, share, error));

    /// <summary>The fewest hits that show the share to be above <paramref name="share"/>; infinite when no count can.</summary>
    public static double FewestAbove(double share, double total, double error) =>
        total > 0 && Doubts(total, total, share, error)
            ? Bound(outside: total, inside: share * total, hits => Doubts(hits, total, share, error))
            : double.PositiveInfinity;

    /// <summary>The most hits that show the share to be below <paramref name="share"/>; negative when no count can.</summary>
    public static double MostBelow(double share, double total, double error) =>
        total > 0 && Doubts(0, total, share, error)
            ? Bound(outside: 0, inside: share * total, hits => Doubts(hits, total, share, error))
            : -1;

    // On each side of hits = share * total the evidence only rises, so there is one crossing. What is returned is doubted or
    // the outermost value: rounding never makes a bound bolder.
    private static double Bound(double outside, double inside, Func<double, bool> doubted)
    {
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (outside + inside) / 2;
            if (doubted(middle)) outside = middle;
            else inside = middle;
        }

        return outside;
    }

    private static bool Doubts(double hits, double total, double share, double error)
    {
        double misses = total - hits;
        double mixture = LogGamma.Beta(PriorHits + hits, PriorMisses + misses) - LogPrior;
        return mixture - hits * Math.Log(share) - misses * Math.Log(1 - share) >= -Math.Log(error);
    }
}
