namespace Pipeline.Core.Rollouts;

/// <summary>The numbers that a decision about a rollout was made on, as they are stored with it.</summary>
public sealed record RolloutEvidence
{
    public required RolloutAction Action { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset At { get; init; }

    public required SideEvidence Stable { get; init; }

    public required SideEvidence Candidate { get; init; }

    /// <summary>A decision in the form that is kept.</summary>
    public static RolloutEvidence Of(RolloutDecision decision, DateTimeOffset now) => new()
    {
        Action = decision.Action,
        Reason = decision.Reason,
        At = now,
        Stable = SideEvidence.Of(decision.Stable),
        Candidate = SideEvidence.Of(decision.Candidate),
    };
}
