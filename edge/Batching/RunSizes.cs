using System.Numerics;

namespace Pipeline.Edge.Batching;

/// <summary>
/// Item counts of runs on a device. There each other shape begins with choosing kernels anew, which takes longer than running some
/// items too many: counts are few, and every one is warm before the first request. Pure.
/// </summary>
internal static class RunSizes
{
    /// <summary>The next power of two, or all that a run may take.</summary>
    /// <param name="items">1 to <paramref name="maximum"/>.</param>
    public static int RoundUp(int items, int maximum) => (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)items), (uint)maximum);

    /// <summary>Every count that <see cref="RoundUp"/> gives, the largest first.</summary>
    public static IEnumerable<int> From(int minimum, int maximum)
    {
        int smallest = RoundUp(minimum, maximum);
        for (int size = maximum; size > smallest; size = (int)(BitOperations.RoundUpToPowerOf2((uint)size) / 2)) yield return size;
        yield return smallest;
    }
}
