using System.Collections.Immutable;

namespace Pipeline.Core.Policies;

/// <summary>Smallest, typical and largest shape of one input; same rank, every dimension at least 1 and in order.</summary>
public sealed record ShapeRange
{
    public required ImmutableArray<long> Minimum { get; init; }

    public required ImmutableArray<long> Typical { get; init; }

    public required ImmutableArray<long> Maximum { get; init; }
}
