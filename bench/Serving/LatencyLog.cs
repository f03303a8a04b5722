using System.Diagnostics;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench.Serving;

/// <summary>Latencies of some loops that run at the same time, over all rounds; memory is taken before, not while measuring.</summary>
internal sealed class LatencyLog
{
    // Of one loop in one run, which ends early when it has so many.
    private const int SamplesMaximum = 100_000;

    private readonly List<double> milliseconds = [];

    /// <summary>Bytes allocated in this process while loops ran.</summary>
    public long AllocatedBytes { get; private set; }

    public int Count => milliseconds.Count;

    /// <summary>Runs each action in a loop on a thread of its own; gives how many ended a second, all together.</summary>
    public double Run(Action[] actions, TimeSpan duration)
    {
        long[][] ticks = [.. actions.Select(_ => new long[SamplesMaximum])];
        int[] counts = new int[actions.Length];
        var faults = new Exception?[actions.Length];
        using var ready = new Barrier(actions.Length + 1);
        Thread[] threads = [.. actions.Select((action, i) => new Thread(() => Loop(action, i)))];
        foreach (Thread thread in threads) thread.Start();
        long allocated = GC.GetTotalAllocatedBytes(precise: false);
        long start = Stopwatch.GetTimestamp();
        ready.SignalAndWait();
        foreach (Thread thread in threads) thread.Join();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        AllocatedBytes += GC.GetTotalAllocatedBytes(precise: false) - allocated;
        if (faults.FirstOrDefault(f => f is not null) is { } fault)
            throw new InvalidOperationException(fault.Message, fault);
        for (int i = 0; i < counts.Length; i++)
            milliseconds.AddRange(ticks[i].Take(counts[i]).Select(t => t * 1000.0 / Stopwatch.Frequency));
        return counts.Sum() / seconds;

        void Loop(Action action, int i)
        {
            ready.SignalAndWait();
            long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            try
            {
                for (long now = 0; now < end && counts[i] < SamplesMaximum;)
                {
                    long before = Stopwatch.GetTimestamp();
                    action();
                    now = Stopwatch.GetTimestamp();
                    ticks[i][counts[i]++] = now - before;
                }
            }
            catch (Exception e)
            {
                faults[i] = e;
            }
        }
    }

    /// <summary>Milliseconds that this share of the loops' rounds stayed under.</summary>
    public double Percentile(double percent)
    {
        double[] sorted = [.. milliseconds.Order()];
        return Percentiles.Of(sorted, percent);
    }
}
