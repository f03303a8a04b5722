using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Fleet;

/// <summary>What a change of the fleet asks of one version on one lane.</summary>
public sealed record FleetChange
{
    public required ModelVersion Id { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>One sentence, the same for the same change whenever it is planned.</summary>
    public required string Reason { get; init; }

    /// <summary>The attempt that is to be followed by another; 0 where the lane is new.</summary>
    public int Attempt { get; init; }

    /// <summary>The drivers of edges for which it is measured again.</summary>
    public ImmutableArray<string> Drivers { get; init; } = [];
}
