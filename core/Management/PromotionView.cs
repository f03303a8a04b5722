using System.Collections.Immutable;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Management;

/// <summary>Answer of GET /api/models/{model}/versions/{version}.</summary>
public sealed record PromotionView
{
    public required Promotion Promotion { get; init; }

    public required ImmutableArray<LaneView> Lanes { get; init; }

    /// <summary>The routes of the model on the targets of those lanes, where there are any.</summary>
    public required ImmutableArray<RouteState> Routes { get; init; }
}
