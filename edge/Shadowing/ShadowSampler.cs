namespace Pipeline.Edge.Shadowing;

/// <summary>
/// Which of stable's requests the candidate runs too: a share of them, by a hash of their number, so that no rhythm of the
/// clients decides. The hash is not that of the split: requests without a user that stay on stable are those with a high
/// bucket there, and the shadows must be drawn from all of them.
/// </summary>
/// <param name="sharePercent">Above 0, at most 100: then every request.</param>
internal readonly struct ShadowSampler(double sharePercent)
{
    // Beyond 64 bits the conversion stops at the largest number.
    private readonly ulong last = (ulong)(sharePercent / 100 * Math.Pow(2, 64));

    /// <param name="requestNumber">Counts requests.</param>
    public bool Takes(ulong requestNumber) => Hash(requestNumber) <= last;

    // SplitMix64: every number has its own hash.
    private static ulong Hash(ulong number)
    {
        number += 0x9E3779B97F4A7C15;
        number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
        number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
        return number ^ (number >> 31);
    }
}
