namespace Pipeline.Core.Rollouts;

/// <summary>One version's side of a decision: its window in a few numbers.</summary>
public sealed record SideEvidence
{
    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public double P50Milliseconds { get; init; }

    public double P99Milliseconds { get; init; }

    /// <summary>Shadow answers compared; 0 on stable's side.</summary>
    public long ShadowCompared { get; init; }

    public long ShadowDiverged { get; init; }
}
