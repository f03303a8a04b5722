using System.Collections.Immutable;
using Pipeline.Core.Gates;

namespace Pipeline.Engines.Accuracy;

/// <summary>
/// Compares an engine's outputs with a reference's, sample by sample, in constant memory. Not thread-safe.
/// </summary>
public sealed class AccuracyComparer
{
    private readonly Dictionary<string, OutputComparison> outputs = new(StringComparer.Ordinal);

    /// <summary>What was compared, in the order of first appearance.</summary>
    public ImmutableArray<OutputAccuracy> Outputs => [.. outputs.Values.Select(o => o.ToEvidence())];

    /// <summary>Adds one sample. Every output of the reference is compared; the engine may have more.</summary>
    /// <exception cref="EngineException">OutputMismatch: an output is missing or has another shape.</exception>
    public void Add(EngineOutputs engine, EngineOutputs reference)
    {
        for (int i = 0; i < reference.Count; i++)
        {
            string name = reference.Name(i);
            int index = engine.IndexOf(name);
            if (index < 0) throw Mismatch($"Output '{name}' is expected, but the engine has no output of that name");
            ImmutableArray<long> shape = engine.Shape(index);
            ImmutableArray<long> expected = reference.Shape(i);
            if (!shape.SequenceEqual(expected))
            {
                throw Mismatch(
                    $"Output '{name}' has shape [{string.Join(", ", shape)}]; " +
                    $"expected is [{string.Join(", ", expected)}]");
            }

            if (!outputs.TryGetValue(name, out OutputComparison? comparison))
            {
                outputs[name] = comparison = new OutputComparison(name);
            }

            comparison.Add(
                engine.ElementType(index),
                engine.Data(index),
                reference.ElementType(i),
                reference.Data(i),
                shape.AsSpan());
        }
    }

    private static EngineException Mismatch(string what) => new(EngineErrorKind.OutputMismatch, what + ".");
}
