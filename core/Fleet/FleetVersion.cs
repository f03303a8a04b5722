using System.Collections.Immutable;
using Pipeline.Core.Promotions;

namespace Pipeline.Core.Fleet;

/// <summary>A version that a change of the fleet may concern: its row and those of its lanes.</summary>
public sealed record FleetVersion
{
    public required Promotion Promotion { get; init; }

    public required ImmutableArray<LaneRecord> Lanes { get; init; }
}
