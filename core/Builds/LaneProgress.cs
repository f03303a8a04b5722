namespace Pipeline.Core.Builds;

/// <summary>What a worker is doing for a lane now. Advisory: it may be late or lost, and nothing is decided on it.</summary>
public sealed record LaneProgress
{
    public required int Attempt { get; init; }

    /// <summary><c>fetch, build, store, accuracy, benchmark, compare, report</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>How much of the stage is done, 0 to 1; null when it cannot be told.</summary>
    public double? Fraction { get; init; }

    public required string Worker { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
