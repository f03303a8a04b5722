using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;

namespace Pipeline.GpuWorker.Offline;

/// <summary>What a build without a cloud found; what <c>--json</c> prints.</summary>
internal sealed record OfflineResult
{
    /// <summary>Where the engine is.</summary>
    public required string Engine { get; init; }

    public required string EngineDigest { get; init; }

    public required ImmutableArray<GateDecision> Decisions { get; init; }

    public required BuildReport Report { get; init; }

    public bool IsPassed() => Decisions.All(d => d.Verdict == Verdict.Passed);
}
