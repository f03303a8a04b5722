using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Routing;

/// <summary>One revision of a target: who changed what, and why.</summary>
public sealed record RouteHistoryEntry
{
    public required long Revision { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Who { get; init; }

    public required string Why { get; init; }

    public Route? Before { get; init; }

    public required Route After { get; init; }

    /// <summary>The numbers behind a change that the rollout analysis decided.</summary>
    public RolloutEvidence? Evidence { get; init; }
}
