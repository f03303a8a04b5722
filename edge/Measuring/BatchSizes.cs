using System.Numerics;

namespace Pipeline.Edge.Measuring;

/// <summary>How many items the runs of one version had, in buckets that double.</summary>
internal sealed class BatchSizes
{
    /// <summary>Upper bounds 1, 2, 4 ... 4096; one more bucket holds everything above.</summary>
    public const int BoundCount = 13;

    private readonly long[] runs = new long[BoundCount + 1];
    private long items;

    /// <summary>Items of all runs together.</summary>
    public long Items => Interlocked.Read(ref items);

    public static int UpperBound(int bucket) => 1 << bucket;

    public void Add(int size)
    {
        Interlocked.Add(ref items, size);
        Interlocked.Increment(ref runs[BucketOf(size)]);
    }

    public long InBucket(int bucket) => Volatile.Read(ref runs[bucket]);

    private static int BucketOf(int size) =>
        size <= 1 ? 0 : Math.Min(BitOperations.Log2((uint)size - 1) + 1, BoundCount);
}
