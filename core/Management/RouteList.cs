using System.Collections.Immutable;

namespace Pipeline.Core.Management;

/// <summary>Answer of GET /api/routes.</summary>
public sealed record RouteList
{
    public required ImmutableArray<TargetRoutes> Targets { get; init; }
}
