using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Profiles;
using Shapes = System.Collections.Immutable.ImmutableSortedDictionary<string, System.Collections.Immutable.ImmutableArray<long>>;

namespace Pipeline.Edge.Batching;

/// <summary>Shapes that runs will have, by input name, found in the way in which those of requests are. Pure.</summary>
internal static class RunShapes
{
    /// <summary>Where requests of these shapes run: padded, and with as many rows as their run has.</summary>
    public static Shapes Of(BatchPlan plan, Shapes shapes) => Of(plan, shapes, out _);

    /// <summary>
    /// Each profile's largest, smallest and typical shapes; and on a device the typical ones with every number of items that a batch
    /// may have. None twice.
    /// </summary>
    /// <param name="profiles">As <see cref="ShapeProfiles.Resolve"/> gave them.</param>
    public static ImmutableArray<Shapes> Among(BatchPlan plan, ImmutableArray<ShapeProfile> profiles) =>
        [.. profiles.SelectMany(p => Among(plan, p)).DistinctBy(Text)];

    private static IEnumerable<Shapes> Among(BatchPlan plan, ShapeProfile profile)
    {
        Shapes typical = profile.Shapes(ProfileSize.Typical);
        return
        [
            Of(plan, profile.Shapes(ProfileSize.Maximum)),
            .. Batches(plan, profile, typical),
            Of(plan, profile.Shapes(ProfileSize.Minimum)),
            Of(plan, typical),
        ];
    }

    private static IEnumerable<Shapes> Batches(BatchPlan plan, ShapeProfile profile, Shapes typical)
    {
        if (plan.WhyNot is not null || !plan.Signature.IsOnDevice) return [];
        int fewest = (int)profile.Inputs.Values.Max(r => r.Minimum[0]);
        Shapes smallest = Of(plan, WithItems(typical, fewest), out int itemsMaximum);
        if (fewest > itemsMaximum) return [];
        return RunSizes.From(fewest, itemsMaximum).Select(s => WithItems(smallest, s)).Where(s => Batch.Holds(SizeBytesOf(plan, s)));
    }

    private static Shapes Of(BatchPlan plan, Shapes shapes, out int itemsMaximum)
    {
        using var request = new RunRequest();
        request.Clear(plan);
        for (int i = 0; i < request.InputCount; i++)
        {
            TensorSignature input = plan.Signature.Inputs[i];
            ReadOnlySpan<long> shape = shapes[input.Name].AsSpan();
            request.Inputs[i].SetShape(shape);
            request.Inputs[i].SizeBytes = (int)Tensor.SizeBytesOf(input.Type, shape);
        }

        plan.Classify(request);
        itemsMaximum = request.ItemsMaximum;
        int rows = plan.RowsOf(request.Items, request.ItemsMaximum);
        var padded = new Dictionary<string, ImmutableArray<long>>(StringComparer.Ordinal);
        for (int i = 0; i < request.InputCount; i++)
        {
            ImmutableArray<long> shape = [.. request.Padded[i].Shape];
            padded[plan.Signature.Inputs[i].Name] = rows > 0 ? shape.SetItem(0, rows) : shape;
        }

        return padded.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    private static Shapes WithItems(Shapes shapes, int items) =>
        shapes.ToImmutableSortedDictionary(i => i.Key, i => i.Value.SetItem(0, items), StringComparer.Ordinal);

    private static long SizeBytesOf(BatchPlan plan, Shapes shapes) =>
        plan.Signature.Inputs.Sum(i => Tensor.SizeBytesOf(i.Type, shapes[i.Name].AsSpan()));

    private static string Text(Shapes shapes) => string.Join(';', shapes.Select(i => $"{i.Key} {string.Join('x', i.Value)}"));
}
