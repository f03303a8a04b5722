namespace Pipeline.Core.Gates;

/// <summary>SplitMix64: the same numbers for a seed on every machine and .NET version, which System.Random does not promise.</summary>
internal struct SeededSequence(ulong seed)
{
    private ulong state = seed;

    /// <summary>0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound)
    {
        unchecked
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            return (int)(((z >> 32) * (ulong)bound) >> 32);
        }
    }
}
