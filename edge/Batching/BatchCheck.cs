using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Accuracy;
using Pipeline.Engines.Profiles;

namespace Pipeline.Edge.Batching;

/// <summary>
/// Tries, before an engine serves, whether items of one run touch each other: two different inputs must give together what
/// each gives alone. A free first dimension alone does not promise it (a norm over the batch, a reshape that mixes rows).
/// </summary>
internal static class BatchCheck
{
    private const double CosineMinimum = 0.9999;

    /// <summary>Against the largest value: cosine alone would not see that a batch scales its outputs.</summary>
    private const double RelativeErrorMaximum = 0.01;

    /// <summary>Null when requests may share runs, otherwise a sentence with what was found.</summary>
    /// <exception cref="EngineException">The engine does not run even alone.</exception>
    public static string? WhyNot(
        IEngine engine, EngineSignature signature, ImmutableArray<ShapeProfile> profiles, CancellationToken cancellationToken)
    {
        if (BatchPlan.FixedAxis(signature) is { } tensor) return $"'{tensor}' has no free first dimension.";
        ShapeProfile[] ofTwoItems = [.. ShapeProfiles.Resolve(engine.Inputs, profiles)
            .Where(p => profiles.IsEmpty || p.Inputs.Values.All(r => r.Maximum[0] >= 2 * r.Minimum[0]))];
        foreach (ShapeProfile profile in ofTwoItems)
        {
            if (Try(engine, profile, cancellationToken) is { } found) return found;
        }

        // Another version with the same engine may allow more; nothing is known about it there.
        return ofTwoItems.Length > 0 ? null : "Two items were not tried together: the profiles that it was loaded with allow one.";
    }

    private static string? Try(IEngine engine, ShapeProfile profile, CancellationToken cancellationToken)
    {
        ImmutableSortedDictionary<string, ImmutableArray<long>> shapes = profile.Inputs.ToImmutableSortedDictionary(
            i => i.Key, i => i.Value.Typical.SetItem(0, i.Value.Minimum[0]), StringComparer.Ordinal);
        ImmutableArray<Tensor> one = SeededInputs.Create(engine.Inputs, shapes, seed: 1);
        ImmutableArray<Tensor> two = SeededInputs.Create(engine.Inputs, shapes, seed: 2);
        using EngineOutputs first = engine.Run(one.AsSpan(), cancellationToken);
        using EngineOutputs second = engine.Run(two.AsSpan(), cancellationToken);
        try
        {
            Tensor[] both = [.. one.Zip(two, Join)];
            using EngineOutputs together = engine.Run(both, cancellationToken);
            return Compare(together, first, second);
        }
        catch (EngineException e) when (e.Kind != EngineErrorKind.OutOfMemory)
        {
            return $"Two items do not run together: {e.Message}";
        }
    }

    private static string? Compare(EngineOutputs together, EngineOutputs first, EngineOutputs second)
    {
        if (Split(together, first, second) is not var (upper, lower)) return "Its outputs do not have one part for each item.";
        var comparer = new AccuracyComparer();
        comparer.Add(upper, first);
        comparer.Add(lower, second);
        OutputAccuracy? worst = comparer.Outputs.FirstOrDefault(o => o.ReferenceMaximum is { } largest
            ? o.CosineMinimum < CosineMinimum || o.MaximumAbsoluteError > Math.Max(1e-6, RelativeErrorMaximum * largest)
            : o.MaximumAbsoluteError > 0);
        return worst is null ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"Output '{worst.Name}' of two items together differs from each alone (cosine {worst.CosineMinimum:0.0000}).");
    }

    private static (EngineOutputs Upper, EngineOutputs Lower)? Split(
        EngineOutputs together, EngineOutputs first, EngineOutputs second)
    {
        var (upper, lower) = (new List<Tensor>(), new List<Tensor>());
        for (int i = 0; i < together.Count; i++)
        {
            byte[] data = together.Data(i).ToArray();
            int half = first.Data(i).Length;
            ImmutableArray<long> shape = first.Shape(i);
            bool isOfTwo = data.Length == half + second.Data(i).Length && shape is [var rows, ..]
                && together.Shape(i).SequenceEqual(shape.SetItem(0, 2 * rows)) && second.Shape(i).SequenceEqual(shape);
            if (!isOfTwo) return null;
            upper.Add(new Tensor(first.Name(i), together.ElementType(i), shape, data.AsMemory(0, half)));
            lower.Add(new Tensor(first.Name(i), together.ElementType(i), shape, data.AsMemory(half)));
        }

        return (new TensorOutputs([.. upper]), new TensorOutputs([.. lower]));
    }

    private static Tensor Join(Tensor one, Tensor two) => new(
        one.Name, one.ElementType, one.Shape.SetItem(0, one.Shape[0] + two.Shape[0]),
        (byte[])[.. one.Data.Span, .. two.Data.Span]);
}
