namespace Pipeline.Core.Rollouts;

/// <summary>The logarithm of the gamma function, which the base class library lacks.</summary>
internal static class LogGamma
{
    private const double HalfLogTwoPi = 0.91893853320467274;

    /// <summary>ln Γ(x) for x above 0, to about 12 digits: Stirling's series, reached by Γ(x) = Γ(x + 1) / x where x is small.</summary>
    public static double Of(double x)
    {
        double product = 1;
        for (; x < 10; x++) product *= x;
        double inverse = 1 / x;
        double square = inverse * inverse;
        double series = inverse * (1 / 12.0 - square * (1 / 360.0 - square * (1 / 1260.0 - square / 1680)));
        return (x - 0.5) * Math.Log(x) - x + HalfLogTwoPi + series - Math.Log(product);
    }

    /// <summary>ln B(x, y), the beta function.</summary>
    public static double Beta(double x, double y) => Of(x) + Of(y) - Of(x + y);
}
