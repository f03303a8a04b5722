using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;

namespace Pipeline.Edge.Routing;

/// <summary>A version with its engine in memory.</summary>
internal sealed record ServingVersion
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    public required LoadedEngine Engine { get; init; }

    /// <summary>Its own also where another version serves with the same engine.</summary>
    public required BatchPlan Plan { get; init; }

    public required VersionStatistics Statistics { get; init; }
}
