using System.Collections.Immutable;

namespace Pipeline.Engines;

/// <summary>An engine file, not yet loaded again.</summary>
public sealed record BuiltEngine
{
    public required string Path { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>What the runtime logged, bounded.</summary>
    public required ImmutableArray<string> Log { get; init; }
}
