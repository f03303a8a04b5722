using System.Collections.Immutable;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Rollouts;

/// <summary>Where the rollout of a route's candidate stands.</summary>
public sealed record RolloutState
{
    public required RolloutPolicy Policy { get; init; }

    /// <summary>Index into the policy's steps.</summary>
    public required int Step { get; init; }

    public required DateTimeOffset StepStartedAt { get; init; }

    /// <summary>
    /// What earlier releases kept of the counters at the start of the step; edges now tell it themselves. Such a rollout counts
    /// again from its next step, or when it is resumed.
    /// </summary>
    public ImmutableArray<CounterBaseline> Baseline { get; init; } = [];

    /// <summary>What was last decided and on which numbers; null before the first analysis of the rollout.</summary>
    public RolloutEvidence? Evidence { get; init; }

    /// <summary>Why no step is taken until a person resumes; null while it runs.</summary>
    public string? PausedBecause { get; init; }
}
