using System.Diagnostics;
using Pipeline.Core.Fleet;

namespace Pipeline.Edge.Measuring;

/// <summary>Latency histograms of one version as one route kind, one for each stage.</summary>
internal sealed class StageTimes
{
    // A stage's sum lies before its buckets: stages that are counted together are cache lines apart.
    private static readonly int StageLength = 1 + LatencyHistogram.BucketCount;

    private readonly long[] cells = new long[RequestStages.Count * StageLength];

    /// <summary>Requests counted. Read from the buckets, so that it always fits them.</summary>
    public long Count
    {
        get
        {
            long count = 0;
            for (int bucket = 0; bucket < LatencyHistogram.BucketCount; bucket++) count += InBucket(RequestStage.Total, bucket);
            return count;
        }
    }

    public void Add(in RequestTimes times)
    {
        Add(RequestStage.Queue, times.QueueTicks);
        Add(RequestStage.Batch, times.BatchTicks);
        Add(RequestStage.Execute, times.ExecuteTicks);
        Add(RequestStage.Total, times.TotalTicks);
    }

    public long InBucket(RequestStage stage, int bucket) => Volatile.Read(ref cells[(int)stage * StageLength + 1 + bucket]);

    public double SumSeconds(RequestStage stage) =>
        (double)Volatile.Read(ref cells[(int)stage * StageLength]) / Stopwatch.Frequency;

    private void Add(RequestStage stage, long ticks)
    {
        int at = (int)stage * StageLength;
        Interlocked.Add(ref cells[at], Math.Max(0, ticks));
        Interlocked.Increment(ref cells[at + 1 + TickBuckets.Of(ticks)]);
    }
}
