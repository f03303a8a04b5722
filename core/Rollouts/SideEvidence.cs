namespace Pipeline.Core.Rollouts;

/// <summary>One version's side of a decision: its window in a few numbers.</summary>
public sealed record SideEvidence
{
    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public double P50Milliseconds { get; init; }

    public double P99Milliseconds { get; init; }

    /// <summary>Shadow answers compared, and shadow runs that failed; 0 on stable's side.</summary>
    public long ShadowCompared { get; init; }

    /// <summary>Those of them that diverged or failed.</summary>
    public long ShadowDiverged { get; init; }

    internal static SideEvidence Of(WindowCounters counters) => new()
    {
        Requests = counters.Requests,
        Errors = counters.Errors,
        P50Milliseconds = LatencyQuantile.Estimate(counters.Latency, 0.5),
        P99Milliseconds = LatencyQuantile.Estimate(counters.Latency, 0.99),
        ShadowCompared = counters.ShadowCompared,
        ShadowDiverged = counters.ShadowDiverged,
    };
}
