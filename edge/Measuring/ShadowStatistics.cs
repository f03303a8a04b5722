using Pipeline.Edge.Shadowing;

namespace Pipeline.Edge.Measuring;

/// <summary>How a version's shadow answers compared to stable's.</summary>
internal sealed class ShadowStatistics
{
    private long compared;
    private long diverged;
    private long unlike;
    private long skipped;
    private long rows;
    private long rowsAgreeing;
    private double cosineMinimum = 1;
    private double maximumAbsoluteError;

    public long Compared => Interlocked.Read(ref compared);

    public long Diverged => Interlocked.Read(ref diverged);

    /// <summary>Those of the diverged that no number compares: other shapes, or not finite where stable is.</summary>
    public long Unlike => Interlocked.Read(ref unlike);

    public long Skipped => Interlocked.Read(ref skipped);

    public long Rows => Interlocked.Read(ref rows);

    public long RowsAgreeing => Interlocked.Read(ref rowsAgreeing);

    /// <summary>The smallest cosine of any answer that is not unlike; 1 before the first.</summary>
    public double CosineMinimum => Volatile.Read(ref cosineMinimum);

    public double MaximumAbsoluteError => Volatile.Read(ref maximumAbsoluteError);

    public void Add(in ShadowComparison comparison, bool hasDiverged)
    {
        Interlocked.Increment(ref compared);
        if (hasDiverged) Interlocked.Increment(ref diverged);
        Interlocked.Add(ref rows, comparison.Rows);
        Interlocked.Add(ref rowsAgreeing, comparison.RowsAgreeing);
        if (comparison.IsUnlike)
        {
            Interlocked.Increment(ref unlike);
            return;
        }

        Lower(ref cosineMinimum, comparison.Cosine);
        Raise(ref maximumAbsoluteError, comparison.MaximumAbsoluteError);
    }

    public void AddSkipped() => Interlocked.Increment(ref skipped);

    private static void Lower(ref double place, double value)
    {
        for (double seen = Volatile.Read(ref place); value < seen;)
        {
            double before = Interlocked.CompareExchange(ref place, value, seen);
            if (before.Equals(seen)) return;
            seen = before;
        }
    }

    private static void Raise(ref double place, double value)
    {
        for (double seen = Volatile.Read(ref place); value > seen;)
        {
            double before = Interlocked.CompareExchange(ref place, value, seen);
            if (before.Equals(seen)) return;
            seen = before;
        }
    }
}
