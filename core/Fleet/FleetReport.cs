using System.Collections.Immutable;

namespace Pipeline.Core.Fleet;

/// <summary>The row of the Fleet table that an edge writes about itself; its age is the table's Timestamp.</summary>
public sealed record FleetReport
{
    public const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required string Edge { get; init; }

    public required string Target { get; init; }

    public required string Runtime { get; init; }

    /// <summary>
    /// Wider targets of the edge's machine that have no routes yet, so that it does not report on them: it would serve by them.
    /// </summary>
    public ImmutableArray<string> WiderTargets { get; init; } = [];

    /// <summary>Version of the accelerator's driver; null where engines need none.</summary>
    public string? Driver { get; init; }

    /// <summary>New with each process, so that counters that fell to zero are not read as negative.</summary>
    public required string StartId { get; init; }

    /// <summary>The route revision that the edge follows; 0 before the first.</summary>
    public required long Revision { get; init; }

    /// <summary>Why the newest snapshot was refused, or null.</summary>
    public string? SnapshotFault { get; init; }

    public ImmutableArray<EdgeEngine> Engines { get; init; } = [];

    public ImmutableArray<VersionCounters> Counters { get; init; } = [];

    /// <summary>Where the counts of each rollout step that the edge follows began; none for a step it has not seen.</summary>
    public ImmutableArray<StepBaseline> Steps { get; init; } = [];
}
