using System.Numerics;

namespace Pipeline.Core.Gates;

/// <summary>
/// When a paired benchmark looks at its numbers. Looking again and again and stopping at the first clear answer would find
/// one by chance; so the looks are few and fixed beforehand, after 16, 32, 64 ... rounds and when the time is over, and
/// their errors are added up: each takes a share of what all together may be wrong (Bonferroni, which holds however the
/// looks depend on each other). With at most <see cref="LooksMaximum"/> looks at <see cref="Confidence"/>, an engine that
/// is exactly as slow as allowed is Failed, or Passed, by one ratio with a probability of at most 1.2 % each.
/// </summary>
public static class PairedSampling
{
    /// <summary>Fewer rounds than this are not judged; only slow engines or short time limits end with so few.</summary>
    public const int RoundsMinimum = 8;

    public const int RoundsMaximum = 2048;

    /// <summary>Rounds from 16 to 2048 by doubling, and the end of the time.</summary>
    public const int LooksMaximum = 9;

    /// <summary>Two-sided, of one interval at one look: three standard errors of a normal distribution.</summary>
    public const double Confidence = 0.9973;

    /// <summary>The quantile of the normal distribution that belongs to <see cref="Confidence"/>.</summary>
    public const double StandardErrors = 3;

    private const int FirstLook = 16;

    /// <summary>Whether the numbers are looked at after so many rounds.</summary>
    public static bool IsLook(int rounds) => rounds >= FirstLook && BitOperations.IsPow2(rounds);
}
