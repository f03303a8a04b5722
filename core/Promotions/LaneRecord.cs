using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Promotions;

/// <summary>The row of the Builds table: one version on one lane.</summary>
public sealed record LaneRecord
{
    public required Lane Lane { get; init; }

    public required LanePhase Phase { get; init; }

    /// <summary>The attempt that the phase speaks of, from 1; outcomes of other attempts are ignored.</summary>
    public required int Attempt { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? EngineKey { get; init; }

    public string? EngineDigest { get; init; }

    public long? EngineSizeBytes { get; init; }

    /// <summary>Device memory that the engine was measured to take, in bytes; null on processors.</summary>
    public long? DeviceMemoryBytes { get; init; }

    /// <summary>SHA-256 of the report that the gates read.</summary>
    public string? ReportSha256 { get; init; }

    public bool Reused { get; init; }

    /// <summary>
    /// Digest of the serving engine that it was measured against, or, while queued to be measured again, is to be; null when
    /// there was none.
    /// </summary>
    public string? BaselineDigest { get; init; }

    /// <summary>Driver of the worker that measured it; null where engines need none.</summary>
    public string? Driver { get; init; }

    /// <summary>Other drivers, those of edges, for which it was measured again; each is asked about once.</summary>
    public ImmutableArray<string> EdgeDrivers { get; init; } = [];

    public ImmutableArray<GateDecision> Decisions { get; init; } = [];

    public ImmutableArray<StageTime> Stages { get; init; } = [];

    /// <summary>The signed engine statement, once every gate has passed.</summary>
    public SignedEnvelope? Statement { get; init; }

    public LaneFailure? Failure { get; init; }
}
