using System.Collections.Immutable;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Management;

/// <summary>All routes of a target at one revision.</summary>
public sealed record TargetRoutes
{
    public required string Target { get; init; }

    public required long Revision { get; init; }

    public required ImmutableArray<RouteState> Routes { get; init; }
}
