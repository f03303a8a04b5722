using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>Latency of one shape profile at its typical shapes, one inference at a time.</summary>
public sealed record ProfileBenchmark
{
    public required string Profile { get; init; }

    /// <summary>Shape of every input that was run.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<long>> Shapes { get; init; }

    /// <summary>Timed inferences, warm-up not counted.</summary>
    public required int Samples { get; init; }

    public required double MeanMilliseconds { get; init; }

    public required double P50Milliseconds { get; init; }

    public required double P90Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>Inferences a second, over the timed part.</summary>
    public required double ThroughputPerSecond { get; init; }

    /// <summary>Population standard deviation / mean, in percent.</summary>
    public required double CoefficientOfVariationPercent { get; init; }
}
