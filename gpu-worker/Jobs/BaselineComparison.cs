using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Measures a new engine in turns with the one that serves. Blocks its thread.</summary>
internal sealed class BaselineComparison(IEngineBackend backend, FetchedBaseline baseline, RegressionLimits limits)
{
    /// <exception cref="EngineException">An engine fails while it is measured.</exception>
    public PairedEvidence Run(
        IEngine candidate, ImmutableArray<ShapeProfile> profiles, TimeSpan warmUp, StageClock clock,
        CancellationToken cancellationToken)
    {
        PairedEvidence evidence = PairedEvidence.NotMeasured(baseline.Engine.EngineDigest, baseline.Engine.Version);
        if (baseline.Bytes is not { } bytes) return evidence with { Fault = baseline.Fault, FaultMessage = baseline.Message };
        clock.Begin("compare");
        IEngine serving;
        try
        {
            serving = backend.Load(bytes, cancellationToken);
        }
        catch (EngineException e)
        {
            return evidence with { Fault = BaselineFault.DoesNotLoad, FaultMessage = e.Message };
        }

        using (serving)
        {
            if (PairedBenchmark.Refusal(serving, candidate, profiles, cancellationToken) is { } refusal)
                return evidence with { Fault = BaselineFault.DoesNotRun, FaultMessage = refusal };
            long start = Stopwatch.GetTimestamp();
            ImmutableArray<PairedProfile> pairs = PairedBenchmark.Run(
                serving, candidate, profiles, limits, warmUp, new StageProgress(clock), cancellationToken);
            return evidence with { Profiles = pairs, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        }
    }
}
