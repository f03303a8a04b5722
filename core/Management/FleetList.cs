using System.Collections.Immutable;

namespace Pipeline.Core.Management;

/// <summary>Answer of GET /api/fleet.</summary>
public sealed record FleetList
{
    public required ImmutableArray<FleetMember> Edges { get; init; }
}
