using System.Diagnostics;
using Pipeline.Core.Fleet;

namespace Pipeline.Edge.Measuring;

/// <summary>
/// The latency bucket of a time in Stopwatch ticks: the one that <see cref="LatencyHistogram.BucketOf"/> gives for it, found
/// without a search. Each doubling of the ticks has 32 cells of equal width, all narrower than a bucket there, so that a
/// cell holds at most one bound: the cell tells two buckets and one comparison decides.
/// </summary>
internal static class TickBuckets
{
    // A double's exponent and the five highest bits of its fraction number its cell.
    private const int CellShift = 52 - 5;

    /// <summary>The last tick in each bucket but the one without a bound.</summary>
    private static readonly long[] LastTicks = [.. LatencyHistogram.UpperBoundsMilliseconds.Select(LastTickWithin)];

    private static readonly int FirstCell = CellOf(LastTicks[0]);

    private static readonly short[] BucketOfCellStart =
        [.. Enumerable.Range(FirstCell, CellOf(LastTicks[^1]) - FirstCell + 1).Select(BucketOfStart)];

    public static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;

    public static int Of(long ticks)
    {
        if (ticks <= LastTicks[0]) return 0;
        if (ticks > LastTicks[^1]) return LastTicks.Length;
        int bucket = BucketOfCellStart[CellOf(ticks) - FirstCell];
        return ticks > LastTicks[bucket] ? bucket + 1 : bucket;
    }

    private static int CellOf(long ticks) => (int)(BitConverter.DoubleToInt64Bits(ticks) >> CellShift);

    private static short BucketOfStart(int cell)
    {
        double start = BitConverter.Int64BitsToDouble((long)cell << CellShift);
        int index = Array.BinarySearch(LastTicks, (long)Math.Ceiling(start));
        return (short)(index >= 0 ? index : ~index);
    }

    private static long LastTickWithin(double milliseconds)
    {
        long ticks = (long)(milliseconds * Stopwatch.Frequency / 1000);
        while (Milliseconds(ticks) > milliseconds) ticks--;
        while (Milliseconds(ticks + 1) <= milliseconds) ticks++;
        return ticks;
    }
}
