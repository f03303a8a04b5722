namespace Pipeline.Core.Fleet;

/// <summary>How long an edge waits until it looks for new routes again.</summary>
public static class PollWait
{
    /// <summary>
    /// The random part of an ordinary wait, which so lasts between half the interval and all of it. Full jitter would cost half
    /// as many requests again for the same delay; less jitter would let polls that fell together stay together for longer.
    /// </summary>
    public const double Jitter = 0.5;

    /// <summary>All of the wait is random: after a start and after a failure, which many edges may have at the same moment.</summary>
    public const double FullJitter = 1;

    /// <summary>What a wait lasts on average, as a share of the interval.</summary>
    public static double MeanShare(double jitter) => 1 - jitter / 2;

    /// <summary>
    /// The next wait. The interval doubles with each failure in a row, up to the longest; a wait after one is random as a whole.
    /// </summary>
    /// <param name="interval">The interval while all goes well.</param>
    /// <param name="longest">No wait is longer.</param>
    /// <param name="failures">Reads that failed since one went well.</param>
    /// <param name="jitter">The random part of a wait when none failed, from 0 to 1.</param>
    /// <param name="random">From 0 to 1, 1 excluded.</param>
    public static TimeSpan Next(TimeSpan interval, TimeSpan longest, int failures, double jitter, double random)
    {
        double doubled = interval.TotalSeconds * Math.Pow(2, Math.Clamp(failures, 0, 30));
        double part = failures > 0 ? FullJitter : jitter;
        return TimeSpan.FromSeconds(Math.Min(doubled, longest.TotalSeconds) * (1 - part * random));
    }
}
