using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>What one engine did in its two blocks of a round.</summary>
public sealed record PairedSide
{
    /// <summary>Geometric mean of the two blocks' medians.</summary>
    public required double P50Milliseconds { get; init; }

    /// <summary>Geometric mean of the two blocks' inferences a second.</summary>
    public required double ThroughputPerSecond { get; init; }

    /// <summary>Every timed inference, in any order.</summary>
    public required ImmutableArray<double> Milliseconds { get; init; }
}
