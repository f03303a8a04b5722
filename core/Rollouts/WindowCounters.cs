using System.Collections.Immutable;

namespace Pipeline.Core.Rollouts;

/// <summary>One version's counts over all edges of a target since a step began.</summary>
public sealed record WindowCounters
{
    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public required ImmutableArray<long> Latency { get; init; }

    public long ShadowCompared { get; init; }

    public long ShadowDiverged { get; init; }
}
