using System.Collections.Immutable;

namespace Pipeline.Core.Policies;

/// <summary>A range of input shapes that an engine is checked and measured for.</summary>
public sealed record ShapeProfile
{
    public required string Name { get; init; }

    /// <summary>By input name.</summary>
    public required ImmutableSortedDictionary<string, ShapeRange> Inputs { get; init; }
}
