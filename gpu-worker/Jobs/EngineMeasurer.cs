using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Accuracy;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.Profiles;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>The evidence that the gates judge.</summary>
internal sealed record Measurements(
    ImmutableArray<TensorDescription> Inputs,
    ImmutableArray<TensorDescription> Outputs,
    AccuracyEvidence Accuracy,
    BenchmarkEvidence Benchmark,
    PairedEvidence? Paired);

/// <summary>
/// Checks an engine's profiles, compares it with the original model, and measures it: alone, and in turns with the engine
/// that serves. Blocks its thread.
/// </summary>
internal sealed class EngineMeasurer(IEngineBackend backend)
{
    /// <param name="baseline">The engine that serves; null where none does.</param>
    /// <exception cref="JobFailedException">Golden inputs are missing or do not fit.</exception>
    /// <exception cref="EngineException">The engine or the reference does not load or run.</exception>
    public Measurements Measure(
        ReadOnlyMemory<byte> engineBytes, FetchedBaseline? baseline, FetchedModel model, PromotionPolicy policy,
        StageClock clock, CancellationToken cancellationToken)
    {
        clock.Begin("accuracy");
        using IEngine engine = backend.Load(engineBytes, cancellationToken);
        ImmutableArray<ShapeProfile> profiles = ShapeProfiles.Resolve(engine.Inputs, policy.Profiles);
        ProfileChecker.Run(engine, profiles, policy.Accuracy.Seed, cancellationToken);
        AccuracyEvidence accuracy;
        using (IEngine reference = backend.LoadReference(model.ModelPath, cancellationToken))
        {
            IEnumerable<AccuracySample> samples = Samples(engine, profiles, model, policy.Accuracy);
            accuracy = AccuracyCheck.Run(engine, reference, samples, cancellationToken);
        }

        clock.Begin("benchmark");
        BenchmarkEvidence benchmark =
            LatencyBenchmark.Run(engine, profiles, policy.Benchmark, new StageProgress(clock), cancellationToken);
        PairedEvidence? paired = baseline is null || policy.Benchmark.Regression is not { } regression
            ? null
            : new BaselineComparison(backend, baseline, regression).Run(
                engine, profiles, policy.Benchmark.WarmUp, clock, cancellationToken);
        clock.End();
        return new Measurements(engine.Inputs, engine.Outputs, accuracy, benchmark, paired);
    }

    private static IEnumerable<AccuracySample> Samples(
        IEngine engine, ImmutableArray<ShapeProfile> profiles, FetchedModel model, AccuracyLimits limits)
    {
        if (!model.Golden.IsEmpty) return model.Golden.Select(g => GoldenSamples.Of(engine, g));
        if (limits.SeededSamples > 0) return AccuracyCheck.SeededSamples(engine.Inputs, profiles, limits);
        throw new JobFailedException(
            BuildFailureKind.NoInputs,
            "The policy forbids seeded inputs (seededSamples 0) and the upload brings no golden files; " +
            "upload golden/*.npz before the model.");
    }
}
