using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;

namespace Pipeline.Edge.Routing;

/// <summary>A version with its engine in memory.</summary>
internal sealed record ServingVersion
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    public required LoadedEngine Engine { get; init; }

    /// <summary>Shapes that the engine was checked for; empty allows whatever fits its inputs.</summary>
    public required ImmutableArray<ShapeProfile> Profiles { get; init; }

    public required VersionStatistics Statistics { get; init; }
}
