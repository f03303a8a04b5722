using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Builds;

/// <summary>Which builds an accepted version needs.</summary>
public static class BuildPlanner
{
    /// <summary>The rows to create: one for each lane that has none yet, so that planning again plans nothing twice.</summary>
    public static ImmutableArray<LaneRecord> Plan(
        Promotion promotion, IReadOnlyList<LaneRecord> existing, DateTimeOffset now) =>
        promotion.AcceptanceNumber is null || promotion.End is not null
            ? []
            :
            [
                .. promotion.Lanes.Except(existing.Select(r => r.Lane)).Select(lane => new LaneRecord
                {
                    Lane = lane,
                    Phase = LanePhase.Queued,
                    Attempt = 1,
                    QueuedAt = now,
                }),
            ];

    /// <summary>What serves a lane now and is to be measured against; null when nothing does, or the policy compares nothing.</summary>
    /// <param name="route">The model's route on the lane's target.</param>
    public static BaselineEngine? Baseline(Promotion promotion, Lane lane, RouteState? route) =>
        promotion.Policy.Benchmark.Regression is not null
        && route?.Route.Stable is { } stable && stable.Engines.TryGetValue(lane.Runtime, out RoutedEngine? engine)
            ? new BaselineEngine
            {
                Version = stable.Version,
                EngineKey = engine.EngineKey,
                EngineDigest = engine.EngineDigest,
                SizeBytes = engine.SizeBytes,
            }
            : null;

    /// <summary>The message for a lane's present attempt.</summary>
    /// <param name="route">The model's route on the lane's target; null when it has none.</param>
    /// <exception cref="InvalidOperationException">The promotion was never accepted.</exception>
    public static BuildRequest ToRequest(Promotion promotion, LaneRecord lane, RouteState? route) => new()
    {
        Schema = BuildRequest.CurrentSchema,
        Model = promotion.Model,
        Version = promotion.Version,
        AcceptanceNumber = promotion.AcceptanceNumber
            ?? throw new InvalidOperationException($"'{promotion.Id}' was never accepted; nothing can be built for it."),
        Lane = lane.Lane,
        Attempt = lane.Attempt,
        Source = promotion.Source,
        ExternalData = promotion.ExternalData,
        Golden = promotion.Golden,
        Policy = promotion.Policy,
        Baseline = Baseline(promotion, lane.Lane, route),
    };
}
