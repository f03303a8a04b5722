using System.Collections.Immutable;
using Pipeline.Core.Promotions;

namespace Pipeline.Core.Management;

/// <summary>Answer of GET /api/promotions[?model=M], newest first, and of GET /api/models/{model}/versions.</summary>
public sealed record PromotionList
{
    public required ImmutableArray<Promotion> Promotions { get; init; }
}
