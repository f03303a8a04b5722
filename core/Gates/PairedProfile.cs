namespace Pipeline.Core.Gates;

/// <summary>The ratios new / serving of one shape profile, with bootstrap intervals over its rounds.</summary>
public sealed record PairedProfile
{
    public required string Profile { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Timed inferences of each side.</summary>
    public required int SamplesPerSide { get; init; }

    public required RatioInterval P50 { get; init; }

    public required RatioInterval P99 { get; init; }

    /// <summary>Below 1: the new engine is slower.</summary>
    public required RatioInterval Throughput { get; init; }
}
