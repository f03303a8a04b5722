using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;

namespace Pipeline.Edge.Loading;

/// <summary>An engine that a route names and that this edge should have loaded.</summary>
internal sealed record WantedEngine(RoutedEngine Engine, ImmutableArray<ShapeProfile> Profiles)
{
    public string Digest => Engine.EngineDigest;

    /// <summary>The engine that answers all of the model's users and nobody else, until this one does; null: there is none.</summary>
    public ReplacedEngine? Replaces { get; init; }
}
