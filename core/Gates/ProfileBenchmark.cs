using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>Latency of one shape profile at its typical shapes, by <see cref="BenchmarkEvidence.Method"/>.</summary>
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

    /// <summary>Null in reports from before it was measured.</summary>
    public double? P95Milliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>Inferences a second, over the timed part.</summary>
    public required double ThroughputPerSecond { get; init; }

    /// <summary>Population standard deviation / mean, in percent.</summary>
    public required double CoefficientOfVariationPercent { get; init; }

    /// <summary>What the latency consists of; null by <see cref="BenchmarkMethods.Host"/>.</summary>
    public DevicePhases? Phases { get; init; }

    /// <summary>Of the GPU, after this profile's runs; null where there is none or it does not tell.</summary>
    public DeviceClocks? Clocks { get; init; }

    /// <summary>Sentences about the measurement, not the engine; null where there are none.</summary>
    public ImmutableArray<string>? Warnings { get; init; }
}
