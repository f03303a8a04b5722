namespace Pipeline.Core.Policies;

/// <summary>
/// An axis of an input that may be filled up, so that requests of different widths share a run. The answer has the shape
/// that the filled-up input gives.
/// </summary>
public sealed record PaddedAxis
{
    public required string Input { get; init; }

    /// <summary>From 1; axis 0 is the one that batches grow on.</summary>
    public required int Axis { get; init; }

    /// <summary>The axis is filled up to the next multiple of this.</summary>
    public required int Multiple { get; init; }

    /// <summary>What it is filled with.</summary>
    public double Value { get; init; }
}
