using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Benchmarks;

/// <summary>Two engines and the inputs of one profile at its typical shapes, which both are given.</summary>
internal sealed class EnginePair
{
    private readonly ImmutableArray<Tensor> inputs;
    private readonly IEngine baseline;
    private readonly IEngine candidate;

    public EnginePair(IEngine baseline, IEngine candidate, ShapeProfile profile)
    {
        (this.baseline, this.candidate) = (baseline, candidate);
        inputs = SeededInputs.Create(candidate.Inputs, profile.Shapes(ProfileSize.Typical), seed: 1);
    }

    /// <summary>Runs both in turns, each at least once.</summary>
    public void WarmUp(TimeSpan duration, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            RunOnce(baseline);
            RunOnce(candidate);
        }
        while (Stopwatch.GetElapsedTime(start) < 2 * duration);
    }

    /// <exception cref="EngineException">The baseline does not run these inputs.</exception>
    public void TryBaseline(CancellationToken cancellationToken) => baseline.Run(inputs.AsSpan(), cancellationToken).Dispose();

    /// <summary>About how long a run takes, both engines together.</summary>
    public double RunMilliseconds(int runs, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RunOnce(baseline);
            RunOnce(candidate);
        }

        return Math.Max(Stopwatch.GetElapsedTime(start).TotalMilliseconds / (2 * runs), 1e-6);
    }

    /// <summary>A B B A or B A A B.</summary>
    /// <param name="runs">Timed runs of each block.</param>
    public PairedRound Round(int runs, bool baselineFirst, CancellationToken cancellationToken)
    {
        IEngine[] order = baselineFirst
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

    private void Time(IEngine engine, Block block)
    {
        double[] milliseconds = block.Milliseconds;
        // The other engine has just had the caches, and its idle threads may still spin; that is not this engine's time.
        for (int lead = milliseconds.Length / 4; lead > 0; lead--) RunOnce(engine);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < milliseconds.Length; i++)
        {
            long runStart = Stopwatch.GetTimestamp();
            EngineOutputs outputs = engine.Run(inputs.AsSpan(), CancellationToken.None);
            milliseconds[i] = Stopwatch.GetElapsedTime(runStart).TotalMilliseconds;
            outputs.Dispose();
        }

        block.Elapsed = Stopwatch.GetElapsedTime(start);
    }

    // A token between the runs keeps the timed path free of native run options.
    private void RunOnce(IEngine engine) => engine.Run(inputs.AsSpan(), CancellationToken.None).Dispose();

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
