using System.Collections.Immutable;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Builds;

/// <summary>
/// The evidence of one attempt on one lane, stored as reports/{model}/{version}/{lane}.json. Its SHA-256 travels in the
/// event and is what the functions sign.
/// </summary>
public sealed record BuildReport
{
    public const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required long AcceptanceNumber { get; init; }

    public required Lane Lane { get; init; }

    public required int Attempt { get; init; }

    public required string EngineKey { get; init; }

    public required string EngineDigest { get; init; }

    public required long EngineSizeBytes { get; init; }

    /// <summary>True when a committed engine of the same key was found and nothing was built.</summary>
    public required bool Reused { get; init; }

    public required ImmutableArray<TensorDescription> Inputs { get; init; }

    public required ImmutableArray<TensorDescription> Outputs { get; init; }

    public required AccuracyEvidence Accuracy { get; init; }

    public required BenchmarkEvidence Benchmark { get; init; }

    /// <summary>Measured in turns with the engine that serves; null when there was none.</summary>
    public PairedEvidence? Paired { get; init; }

    public required ImmutableArray<StageTime> Stages { get; init; }

    /// <summary>Facts about the worker: name, host, processor, threads, driver.</summary>
    public required ImmutableSortedDictionary<string, string> Worker { get; init; }

    /// <summary>Lines of the build log, bounded.</summary>
    public ImmutableArray<string> Log { get; init; } = [];

    public required DateTimeOffset FinishedAt { get; init; }
}
