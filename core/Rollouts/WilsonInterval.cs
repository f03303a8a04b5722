namespace Pipeline.Core.Rollouts;

/// <summary>
/// One-sided 99 % confidence bounds of a share, by Wilson's score interval: unlike the plain normal bounds they hold from
/// few requests on, and never leave 0 to 1.
/// </summary>
internal static class WilsonInterval
{
    /// <summary>The 99th percentile of the normal distribution.</summary>
    private const double Z = 2.3263478740408408;

    /// <summary>The share is at least this with 99 % confidence; 0 without requests.</summary>
    public static double Lower(long hits, long total) => total <= 0 ? 0 : Bound(hits, total, -Z);

    /// <summary>The share is at most this with 99 % confidence; 1 without requests.</summary>
    public static double Upper(long hits, long total) => total <= 0 ? 1 : Bound(hits, total, Z);

    private static double Bound(double hits, double total, double z)
    {
        double share = hits / total;
        double square = z * z / total;
        double middle = share + square / 2;
        double half = z * Math.Sqrt(share * (1 - share) / total + square / (4 * total));
        return Math.Clamp((middle + half) / (1 + square), 0, 1);
    }
}
