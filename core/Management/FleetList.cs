using System.Collections.Immutable;

namespace Pipeline.Core.Management;

/// <summary>Answer of GET /api/fleet.</summary>
public sealed record FleetList
{
    public required ImmutableArray<FleetMember> Edges { get; init; }

    /// <summary>What keeps edges from being served, one sentence each.</summary>
    public ImmutableArray<string> Notices { get; init; } = [];
}
