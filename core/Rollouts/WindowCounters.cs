using System.Collections.Immutable;

namespace Pipeline.Core.Rollouts;

/// <summary>One version's counts over all edges of a target since a step began.</summary>
public sealed record WindowCounters
{
    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public required ImmutableArray<long> Latency { get; init; }

    /// <summary>Shadow answers compared, and shadow runs that failed.</summary>
    public long ShadowCompared { get; init; }

    /// <summary>Those of them that diverged or failed.</summary>
    public long ShadowDiverged { get; init; }
}
