using System.Collections.Immutable;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Routing;

/// <summary>A version on a route, with its engine for each runtime of the target.</summary>
public sealed record RoutedVersion
{
    public required string Version { get; init; }

    public required long AcceptanceNumber { get; init; }

    /// <summary>By runtime.</summary>
    public required ImmutableSortedDictionary<string, RoutedEngine> Engines { get; init; }

    /// <summary>Shapes to warm up.</summary>
    public ImmutableArray<ShapeProfile> Profiles { get; init; } = [];

    /// <summary>How edges batch its requests; null: as the shape profiles allow.</summary>
    public BatchingPolicy? Batching { get; init; }

    /// <summary>Whether both name the same engine for every runtime.</summary>
    public bool HasSameEngines(RoutedVersion other) =>
        Engines.Count == other.Engines.Count && Engines.All(e =>
            other.Engines.TryGetValue(e.Key, out RoutedEngine? o) && o.EngineDigest == e.Value.EngineDigest);
}
