using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Policies;

/// <summary>What <c>promotion.json</c> says; the defaults here are the policy of an upload that brings none.</summary>
public sealed record PromotionPolicy
{
    public const int CurrentSchema = 1;

    /// <summary>Largest promotion.json that is read, in bytes.</summary>
    public const int SizeBytesMaximum = 64 * 1024;

    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Lanes to build for; empty means every deployed lane (of <see cref="Targets"/>, when those are named).</summary>
    public ImmutableArray<Lane> Lanes { get; init; } = [];

    /// <summary>Targets to build for: every deployed lane of these targets.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>Only <c>model</c>: the precision that the ONNX file itself states.</summary>
    public string Precision { get; init; } = "model";

    /// <summary>Shapes that the engine must serve. Empty: one profile, every symbolic dimension 1.</summary>
    public ImmutableArray<ShapeProfile> Profiles { get; init; } = [];

    public AccuracyLimits Accuracy { get; init; } = new();

    public BenchmarkLimits Benchmark { get; init; } = new();

    /// <summary>
    /// How many lanes must pass before traffic moves; null means all, unless one of the other two forms is set.
    /// </summary>
    public int? Quorum { get; init; }

    /// <summary>The quorum as a set: every lane of these targets must pass, the others need not. Empty: not this form.</summary>
    public ImmutableArray<string> QuorumTargets { get; init; } = [];

    /// <summary>
    /// The quorum as a share of the fleet, above 0 to 1: lanes must pass that this share of the edges run. Null: not this
    /// form.
    /// </summary>
    public double? QuorumFleetShare { get; init; }

    /// <summary>Whether a person must approve before traffic moves. The default policy asks for it.</summary>
    public bool ApprovalRequired { get; init; } = true;

    public RolloutPolicy Rollout { get; init; } = new();

    /// <summary>How edges batch requests; null: as the shape profiles allow.</summary>
    public BatchingPolicy? Batching { get; init; }

    /// <summary>How long a build may take on its lane, queueing included, before it counts as failed.</summary>
    public TimeSpan BuildDeadline { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long a held promotion waits for a person before it ends.</summary>
    public TimeSpan HoldDeadline { get; init; } = TimeSpan.FromDays(7);
}
