using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Benchmarks;

/// <summary>
/// Two engines and the inputs of one profile at its typical shapes, which both are given. Each runs in a context, as on an
/// edge: its timed runs allocate nothing, so that no garbage collection meets one engine and not the other.
/// </summary>
internal sealed class EnginePair : IDisposable
{
    private readonly BenchmarkedContext baseline;
    private readonly BenchmarkedContext candidate;

    /// <exception cref="EngineException">An engine has not these inputs.</exception>
    public EnginePair(IEngine baseline, IEngine candidate, ShapeProfile profile)
    {
        ImmutableArray<Tensor> inputs = SeededInputs.Create(candidate.Inputs, profile.Shapes(ProfileSize.Typical), seed: 1);
        this.baseline = new BenchmarkedContext(baseline, inputs);
        try
        {
            this.candidate = new BenchmarkedContext(candidate, inputs);
        }
        catch
        {
            this.baseline.Dispose();
            throw;
        }
    }

    /// <summary>Runs both in turns, each at least once.</summary>
    public void WarmUp(TimeSpan duration, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            baseline.Run();
            candidate.Run();
        }
        while (Stopwatch.GetElapsedTime(start) < 2 * duration);
    }

    /// <exception cref="EngineException">The baseline does not run these inputs.</exception>
    public void TryBaseline() => baseline.Run();

    /// <summary>About how long a run takes, both engines together.</summary>
    public double RunMilliseconds(int runs, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            baseline.Run();
            candidate.Run();
        }

        return Math.Max(Stopwatch.GetElapsedTime(start).TotalMilliseconds / (2 * runs), 1e-6);
    }

    /// <summary>A B B A or B A A B.</summary>
    /// <param name="runs">Timed runs of each block.</param>
    public PairedRound Round(int runs, bool baselineFirst, CancellationToken cancellationToken)
    {
        BenchmarkedContext[] order = baselineFirst
            ? [baseline, candidate, candidate, baseline]
            : [candidate, baseline, baseline, candidate];
        Block[] blocks = [.. order.Select(_ => new Block(runs))];
        for (int i = 0; i < order.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Time(order[i], blocks[i]);
        }

        PairedSide outer = Side(blocks[0], blocks[3]);
        PairedSide inner = Side(blocks[1], blocks[2]);
        return baselineFirst
            ? new PairedRound { Baseline = outer, Candidate = inner }
            : new PairedRound { Baseline = inner, Candidate = outer };
    }

    public void Dispose()
    {
        baseline.Dispose();
        candidate.Dispose();
    }

    private static PairedSide Side(Block first, Block second)
    {
        ImmutableArray<double> samples = [.. first.Milliseconds, .. second.Milliseconds];
        return new PairedSide
        {
            P50Milliseconds = Math.Sqrt(first.Median() * second.Median()),
            ThroughputPerSecond = Math.Sqrt(first.ThroughputPerSecond * second.ThroughputPerSecond),
            Milliseconds = samples,
        };
    }

    private static void Time(BenchmarkedContext engine, Block block)
    {
        double[] milliseconds = block.Milliseconds;
        // The other engine has just had the caches, and its idle threads may still spin; that is not this engine's time.
        for (int lead = milliseconds.Length / 4; lead > 0; lead--) engine.Run();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < milliseconds.Length; i++)
        {
            long runStart = Stopwatch.GetTimestamp();
            engine.Run();
            milliseconds[i] = Stopwatch.GetElapsedTime(runStart).TotalMilliseconds;
        }

        block.Elapsed = Stopwatch.GetElapsedTime(start);
    }

    private sealed class Block(int runs)
    {
        public double[] Milliseconds { get; } = new double[runs];

        public TimeSpan Elapsed { get; set; }

        public double ThroughputPerSecond => Milliseconds.Length / Math.Max(Elapsed.TotalSeconds, 1e-9);

        public double Median()
        {
            double[] sorted = [.. Milliseconds];
            Array.Sort(sorted);
            return Math.Max(Percentiles.Median(sorted), 1e-6);
        }
    }
}
