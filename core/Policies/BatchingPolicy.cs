using System.Collections.Immutable;

namespace Pipeline.Core.Policies;

/// <summary>How an edge may put requests of one shape class into one run of the engine.</summary>
public sealed record BatchingPolicy
{
    /// <summary>
    /// Most items of one run; 1 switches batching off. Null: what the shape profiles allow on the first axis.
    /// </summary>
    public int? ItemsMaximum { get; init; }

    /// <summary>
    /// How long a free lane waits for more requests. Zero: not at all, so that batches only form of what came while every
    /// lane was busy.
    /// </summary>
    public TimeSpan Wait { get; init; } = TimeSpan.Zero;

    /// <summary>Axes on which padding is harmless to the model. Requests that differ elsewhere never share a run.</summary>
    public ImmutableArray<PaddedAxis> Padding { get; init; } = [];
}
