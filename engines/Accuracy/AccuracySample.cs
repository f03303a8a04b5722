using System.Collections.Immutable;

namespace Pipeline.Engines.Accuracy;

/// <summary>One set of inputs to compare on.</summary>
public sealed record AccuracySample
{
    /// <summary>The golden file that the sample is from; null for a seeded one.</summary>
    public string? GoldenFile { get; init; }

    public required ImmutableArray<Tensor> Inputs { get; init; }

    /// <summary>Outputs that a golden file states; empty when it states none.</summary>
    public ImmutableArray<Tensor> Expected { get; init; } = [];
}
