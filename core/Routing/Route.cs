using Pipeline.Core.Policies;

namespace Pipeline.Core.Routing;

/// <summary>Who serves one model on one target.</summary>
public sealed record Route
{
    public required string Model { get; init; }

    public required string Target { get; init; }

    public RoutedVersion? Stable { get; init; }

    public RoutedVersion? Candidate { get; init; }

    /// <summary>The candidate's share of sticky users in buckets, 0 to 10,000; 0 without a candidate.</summary>
    public int CandidateWeight { get; init; }

    /// <summary>The revision at which the candidate's present step began: edges count it from there; 0 without a rollout.</summary>
    public long StepRevision { get; init; }

    /// <summary>What the candidate runs beside stable; null: nothing, as without a candidate.</summary>
    public ShadowPolicy? Shadow { get; init; }
}
