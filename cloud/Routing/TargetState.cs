using System.Collections.Immutable;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Routing;

namespace Pipeline.Cloud.Routing;

/// <summary>Every route of a target, all as they stood at one revision.</summary>
public sealed record TargetState
{
    public required string Target { get; init; }

    /// <summary>0 before the first change.</summary>
    public required long Revision { get; init; }

    /// <summary>In the order of their models.</summary>
    public required ImmutableArray<Stored<RouteState>> Routes { get; init; }

    /// <summary>The route of a model, or null.</summary>
    public RouteState? Find(string model) => Routes.FirstOrDefault(r => r.Value.Route.Model == model)?.Value;
}
