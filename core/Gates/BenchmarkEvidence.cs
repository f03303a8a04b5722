using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>What the benchmark measured, one entry a shape profile.</summary>
public sealed record BenchmarkEvidence
{
    /// <summary>The percentile rule: sorted[max(N-1-int((1-p/100)*N),0)], as trtexec does it.</summary>
    public const string PercentileRuleName = "trtexec-nearest-rank";

    public string PercentileRule { get; init; } = PercentileRuleName;

    /// <summary>One of <see cref="BenchmarkMethods"/>.</summary>
    public string Method { get; init; } = BenchmarkMethods.Host;

    public required ImmutableArray<ProfileBenchmark> Profiles { get; init; }

    public required int Threads { get; init; }

    /// <summary>Device memory that the engine takes, with one context of its largest profile; null on processors.</summary>
    public long? DeviceMemoryBytes { get; init; }
}
