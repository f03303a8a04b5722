using System.Collections.Immutable;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Functions.Promotions;

/// <summary>All that the fold of one promotion reads.</summary>
public sealed record PromotionFacts
{
    /// <summary>The row as it was read, before the rest: whoever writes it expects that one.</summary>
    public required Stored<Promotion> Stored { get; init; }

    public Promotion Promotion => Stored.Value;

    public required ImmutableArray<LaneRecord> Lanes { get; init; }

    /// <summary>The model's route on each target of those lanes that has one.</summary>
    public required ImmutableSortedDictionary<string, RouteState> Routes { get; init; }

    /// <summary>How many edges of each lane reported lately; empty where the policy's quorum does not ask.</summary>
    public required ImmutableSortedDictionary<Lane, int> Edges { get; init; }

    /// <summary>The lanes that are deployed or that edges run, as far as a route of the model asks.</summary>
    public required ImmutableSortedSet<Lane> InUse { get; init; }

    public PromotionSummary Fold() => PromotionFold.Fold(Promotion, Lanes, Routes, Edges, InUse);

    public PromotionState StateOf(LaneRecord lane) =>
        PromotionFold.FoldLane(Promotion, lane, Routes.GetValueOrDefault(lane.Lane.Target));

    public IEnumerable<LaneRecord> LanesInState(PromotionState state) => Lanes.Where(l => StateOf(l) == state);
}
