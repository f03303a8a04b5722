using System.Collections.Immutable;

namespace Pipeline.Core.Policies;

/// <summary>A policy file as read: the policy, or everything that is wrong with it.</summary>
public sealed record PolicyReading
{
    /// <summary>Null when there is any error.</summary>
    public required PromotionPolicy? Policy { get; init; }

    /// <summary>One sentence each, beginning with the JSON path.</summary>
    public ImmutableArray<string> Errors { get; init; } = [];
}
