namespace Pipeline.Core.Gates;

/// <summary>How far one output of an engine is from the reference, over all samples.</summary>
public sealed record OutputAccuracy
{
    public required string Name { get; init; }

    /// <summary>Smallest cosine similarity of any sample, 1 for two all-zero tensors.</summary>
    public required double CosineMinimum { get; init; }

    public required double MaximumAbsoluteError { get; init; }

    /// <summary>Largest |engine - reference| / max(|reference|, 1e-6) over elements; see the gate for when it is used.</summary>
    public required double MaximumRelativeError { get; init; }

    /// <summary>NaN values of the engine where the reference has none.</summary>
    public required long NanCount { get; init; }

    /// <summary>Infinite values of the engine where the reference is finite.</summary>
    public required long InfinityCount { get; init; }

    /// <summary>Share of last-axis rows whose largest element is at the same index, 0 to 1; null for outputs without such rows.</summary>
    public double? Top1Agreement { get; init; }

    /// <summary>
    /// Largest absolute value of the reference over all samples; null for outputs that are no floating-point numbers (they
    /// carry no rounding noise) and in reports of workers that did not measure it.
    /// </summary>
    public double? ReferenceMaximum { get; init; }

    /// <summary>Elements compared.</summary>
    public required long ElementCount { get; init; }
}
