using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Accuracy;

/// <summary>
/// Runs engine and reference on the same inputs and writes down how far they are apart. Judges nothing.
/// </summary>
public static class AccuracyCheck
{
    /// <param name="reference">The original model, unoptimized; see <see cref="IEngineBackend.LoadReference"/>.</param>
    /// <param name="samples">Made one by one, so that only one is in memory.</param>
    /// <exception cref="EngineException">
    /// GoldenMismatch: the sentence names the file. For seeded samples InvalidInput, RunFailed or OutputMismatch.
    /// </exception>
    public static AccuracyEvidence Run(
        IEngine engine, IEngine reference, IEnumerable<AccuracySample> samples, CancellationToken cancellationToken)
    {
        var againstReference = new AccuracyComparer();
        var againstExpected = new AccuracyComparer();
        using var runs = new ContextRuns(engine);
        int count = 0;
        bool golden = false;
        foreach (AccuracySample sample in samples)
        {
            try
            {
                using EngineOutputs wanted = reference.Run(sample.Inputs.AsSpan(), cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                using EngineOutputs actual = runs.Run(sample.Inputs);
                againstReference.Add(actual, wanted);
                using var expected = new TensorOutputs(sample.Expected);
                againstExpected.Add(actual, expected);
            }
            catch (EngineException e) when (sample.GoldenFile is not null)
            {
                throw new EngineException(
                    EngineErrorKind.GoldenMismatch,
                    $"Golden file '{sample.GoldenFile}' does not fit the model. {e.Message}",
                    e);
            }

            golden |= sample.GoldenFile is not null;
            count++;
        }

        return new AccuracyEvidence
        {
            Samples = count,
            Inputs = golden ? "golden" : "seeded",
            Reference = reference.Description,
            Outputs = againstReference.Outputs,
            ExpectedOutputs = againstExpected.Outputs,
        };
    }

    /// <summary>As many samples as the limits ask for, made from their seed over the profiles' shapes.</summary>
    public static IEnumerable<AccuracySample> SeededSamples(
        ImmutableArray<TensorDescription> inputs, ImmutableArray<ShapeProfile> profiles, AccuracyLimits limits) =>
        Enumerable.Range(0, limits.SeededSamples)
            .Select(i => new AccuracySample { Inputs = SeededInputs.Create(inputs, profiles, limits.Seed, i) });
}
