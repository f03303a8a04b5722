using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;

namespace Pipeline.Edge.Loading;

/// <summary>An engine that a route names and that this edge should have loaded.</summary>
internal sealed record WantedEngine(RoutedEngine Engine, ImmutableArray<ShapeProfile> Profiles)
{
    /// <summary>How requests to the version that wants it may share runs; null: as the profiles allow.</summary>
    public BatchingPolicy? Batching { get; init; }

    public string Digest => Engine.EngineDigest;

    /// <summary>The engine that answers all of the model's users and nobody else, until this one does; null: there is none.</summary>
    public ReplacedEngine? Replaces { get; init; }
}
