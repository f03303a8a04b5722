using System.Collections.Immutable;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Fleet;

/// <summary>What is to be done so that the edges that report in have the engines of everything that is live.</summary>
public sealed record FleetPlan
{
    /// <summary>Lanes that versions are to be built for as well.</summary>
    public required ImmutableArray<FleetChange> Added { get; init; }

    /// <summary>Lanes whose engines are to be measured again while they serve.</summary>
    public required ImmutableArray<FleetChange> MeasuredAgain { get; init; }

    /// <summary>Lanes that edges run and nobody builds for.</summary>
    public required ImmutableArray<Lane> Undeployed { get; init; }

    /// <summary>Edges that were silent for so long that their rows are to be removed.</summary>
    public ImmutableArray<FleetMember> Gone { get; init; } = [];
}
