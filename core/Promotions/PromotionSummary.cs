using System.Collections.Immutable;

namespace Pipeline.Core.Promotions;

/// <summary>What the lanes of a version say together.</summary>
public sealed record PromotionSummary
{
    public required PromotionState State { get; init; }

    /// <summary>Why, one sentence or two, with numbers, lanes and the failing gate's own reason.</summary>
    public required string Reason { get; init; }

    /// <summary>Whether enough lanes passed their gates for traffic to move.</summary>
    public required bool QuorumReached { get; init; }

    /// <summary>Whether any of its engines is stable or candidate on a route.</summary>
    public bool HasTraffic { get; init; }

    /// <summary>Neither in an end state nor live: something is still expected to happen.</summary>
    public required bool Open { get; init; }

    /// <summary>
    /// What new measurements said against engines that serve, a sentence each without its end: they change no route by
    /// themselves, so a person has to see them.
    /// </summary>
    public ImmutableArray<string> MeasuredAgain { get; init; } = [];
}
