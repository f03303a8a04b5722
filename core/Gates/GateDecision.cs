using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>One gate's verdict with its reasons, one sentence each, numbers included.</summary>
public sealed record GateDecision
{
    /// <summary><c>accuracy</c> or <c>benchmark</c>.</summary>
    public required string Gate { get; init; }

    public required Verdict Verdict { get; init; }

    public required ImmutableArray<string> Reasons { get; init; }
}
