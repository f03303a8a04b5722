namespace Pipeline.Core.Rollouts;

/// <summary>What to do with a candidate, why, and the numbers it was decided on.</summary>
public sealed record RolloutDecision
{
    public required RolloutAction Action { get; init; }

    public required string Reason { get; init; }

    public required WindowCounters Stable { get; init; }

    public required WindowCounters Candidate { get; init; }
}
