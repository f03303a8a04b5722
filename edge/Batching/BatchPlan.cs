using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Policies;

namespace Pipeline.Edge.Batching;

/// <summary>
/// How requests to one version may share runs: its policy, held against its profiles and what was tried of its engine. Pure.
/// </summary>
internal sealed class BatchPlan
{
    private readonly (int Input, int Axis, long Multiple)[] padding;
    private readonly double[] paddingValues;
    private readonly BatchingPolicy policy;

    private BatchPlan(EngineSignature signature, ImmutableArray<ShapeBounds> profiles, BatchingPolicy policy)
    {
        (Signature, Profiles, this.policy) = (signature, profiles, policy);
        paddingValues = new double[signature.Inputs.Length];
        var axes = new List<(int, int, long)>();
        foreach (PaddedAxis axis in policy.Padding)
        {
            int input = IndexOf(signature, axis.Input);
            if (input < 0 || axis.Axis >= signature.Inputs[input].Description.Shape.Length) continue;
            axes.Add((input, axis.Axis, axis.Multiple));
            paddingValues[input] = axis.Value;
        }

        padding = [.. axes];
    }

    /// <summary>What the engine takes and gives.</summary>
    public EngineSignature Signature { get; }

    /// <summary>Shapes that the engine was checked for; empty allows whatever fits its inputs.</summary>
    public ImmutableArray<ShapeBounds> Profiles { get; }

    /// <summary>Most items of one run; 1 when nothing is batched.</summary>
    public int ItemsMaximum { get; private init; } = 1;

    /// <summary>Why every request runs alone; null when batches form.</summary>
    public string? WhyNot { get; private init; }

    /// <summary>How long a free lane waits for more requests.</summary>
    public TimeSpan Wait => WhyNot is null ? policy.Wait : TimeSpan.Zero;

    /// <param name="policy">Null: as many items as the profiles allow, without waiting for them.</param>
    /// <param name="checkFailure">What <see cref="BatchCheck"/> found; null when items do not touch each other.</param>
    public static BatchPlan Create(
        EngineSignature signature, ImmutableArray<ShapeProfile> profiles, BatchingPolicy? policy, string? checkFailure)
    {
        policy ??= new BatchingPolicy();
        ImmutableArray<ShapeBounds> bounds = [.. profiles.Select(p => new ShapeBounds(p, signature))];
        long allowed = bounds.IsEmpty ? policy.ItemsMaximum ?? 1 : bounds.Max(b => b.ItemsMaximum);
        long maximum = Math.Min(policy.ItemsMaximum ?? int.MaxValue, allowed);
        string? why = policy.ItemsMaximum == 1 ? "The policy switches batching off."
            : FixedAxis(signature) is { } tensor ? $"'{tensor}' has no free first dimension."
            : bounds.IsEmpty && maximum <= 1 ? "No shape profile and no policy says how many items a run may take."
            : maximum <= 1 ? "The shape profiles allow one item."
            : checkFailure;
        return new BatchPlan(signature, bounds, policy)
        {
            WhyNot = why,
            ItemsMaximum = why is null ? (int)Math.Min(maximum, int.MaxValue) : 1,
        };
    }

    /// <summary>The first input or output whose first dimension is not free; null when there is none.</summary>
    public static string? FixedAxis(EngineSignature signature) =>
        signature.Inputs.Concat(signature.Outputs).FirstOrDefault(t => !t.HasFreeFirstAxis)?.Name;

    /// <summary>Finds the shape class of a request: its padded shapes, its items and how many may share its run.</summary>
    public void Classify(RunRequest run)
    {
        Pad(run);
        run.Items = WhyNot is null ? CommonItems(run) : 0;
        run.ItemsMaximum = (int)Math.Min(ItemsMaximum, AllowedItems(run));
        if (run.Items > run.ItemsMaximum || run.ItemsMaximum <= 1) run.Items = 0;
        var hash = new HashCode();
        foreach (ref RunTensor input in run.Padded)
        {
            hash.Add(input.Rank);
            for (int axis = 1; axis < input.Rank; axis++) hash.Add(input.Shape[axis]);
        }

        run.ShapeHash = hash.ToHashCode();
    }

    /// <summary>
    /// Rows of a run: its items, on a device rounded up, or as many as there may be; 0 for a request that never shares a run, and has
    /// its own.
    /// </summary>
    /// <param name="itemsMaximum">Most items of a run of its shape class.</param>
    public int RowsOf(int items, int itemsMaximum) =>
        items == 0 || !Signature.IsOnDevice ? items
            : Signature.PrefersOneShape ? itemsMaximum
            : RunSizes.RoundUp(items, itemsMaximum);

    /// <summary>Whether two requests differ in nothing but their items, and follow the same plan.</summary>
    public static bool AreOfOneClass(RunRequest one, RunRequest other)
    {
        if (one.Plan != other.Plan || one.ShapeHash != other.ShapeHash) return false;
        for (int i = 0; i < one.InputCount; i++)
        {
            if (one.Padded[i].Rank != other.Padded[i].Rank) return false;
            if (!one.Padded[i].Shape[1..].SequenceEqual(other.Padded[i].Shape[1..])) return false;
        }

        return true;
    }

    /// <summary>Whether the shapes of a request are among those that the engine was checked for.</summary>
    public bool Holds(RunRequest run)
    {
        if (Profiles.IsEmpty) return true;
        foreach (ShapeBounds profile in Profiles)
        {
            if (profile.Holds(run.Inputs, firstAxis: 0)) return true;
        }

        return false;
    }

    public double PaddingValue(int input) => paddingValues[input];

    public override string ToString() => WhyNot ?? string.Create(
        CultureInfo.InvariantCulture, $"up to {ItemsMaximum} items a run, waiting {policy.Wait.TotalMilliseconds} ms");

    private void Pad(RunRequest run)
    {
        Unpad(run);
        if (WhyNot is not null || padding.Length == 0) return;
        foreach ((int input, int axis, long multiple) in padding)
        {
            ref RunTensor tensor = ref run.Padded[input];
            long size = tensor.Shape[axis];
            long filled = (size + multiple - 1) / multiple * multiple;
            if (filled == size) continue;
            tensor.SetDimension(axis, filled);
            run.IsPadded = true;
        }

        if (!run.IsPadded) return;
        for (int i = 0; i < run.InputCount; i++)
        {
            ref RunTensor tensor = ref run.Padded[i];
            long size = Engines.Tensor.SizeBytesOf(Signature.Inputs[i].Type, tensor.Shape);
            bool fits = size is >= 0 and <= int.MaxValue && Signature.Inputs[i].Fits(tensor.Shape);
            tensor.SizeBytes = fits ? (int)size : -1;
        }

        // Nothing is known about the engine beyond its profiles: there the request runs as it came.
        bool allowed = Profiles.IsEmpty || AllowedItems(run) >= 1;
        foreach (ref RunTensor tensor in run.Padded) allowed &= tensor.SizeBytes >= 0;
        if (!allowed) Unpad(run);
    }

    private static void Unpad(RunRequest run)
    {
        run.IsPadded = false;
        for (int i = 0; i < run.InputCount; i++)
        {
            run.Padded[i].SetShape(run.Inputs[i].Shape);
            run.Padded[i].SizeBytes = run.Inputs[i].SizeBytes;
        }
    }

    /// <summary>0 when the inputs do not have the same number of items.</summary>
    private static int CommonItems(RunRequest run)
    {
        long items = run.InputCount > 0 && run.Inputs[0].Rank > 0 ? run.Inputs[0].Shape[0] : 0;
        foreach (ref RunTensor input in run.Inputs)
        {
            if (input.Rank == 0 || input.Shape[0] != items) return 0;
        }

        return (int)Math.Min(items, int.MaxValue);
    }

    /// <summary>Most items of a run of these shapes; 0 when no profile holds them.</summary>
    private long AllowedItems(RunRequest run)
    {
        if (Profiles.IsEmpty) return int.MaxValue;
        long allowed = 0;
        foreach (ShapeBounds profile in Profiles)
        {
            if (profile.Holds(run.Padded, firstAxis: 1)) allowed = Math.Max(allowed, profile.ItemsMaximum);
        }

        return allowed;
    }

    private static int IndexOf(EngineSignature signature, string input)
    {
        for (int i = 0; i < signature.Inputs.Length; i++)
        {
            if (signature.Inputs[i].Name == input) return i;
        }

        return -1;
    }
}
