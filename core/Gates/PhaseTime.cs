namespace Pipeline.Core.Gates;

/// <summary>How long one phase of an inference takes, over all samples.</summary>
public sealed record PhaseTime
{
    public required double MeanMilliseconds { get; init; }

    public required double P50Milliseconds { get; init; }

    public required double P95Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>Population standard deviation / mean, in percent.</summary>
    public required double CoefficientOfVariationPercent { get; init; }
}
