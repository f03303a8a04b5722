using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Rollouts;

/// <summary>Takes each candidate's next step, or takes the candidate back, on what the edges report.</summary>
public sealed class RolloutDriver(
    RouteStore routes,
    PromotionStore promotions,
    RouteExecutor executor,
    PromotionAdvancer advancer,
    RoutedTargets targets,
    TimeProvider time,
    ILogger<RolloutDriver> logger)
{
    public async Task DriveAsync(CancellationToken cancellationToken)
    {
        foreach (string target in await targets.ListAsync(cancellationToken))
        {
            await Guard.RunAsync(logger, $"rollouts on '{target}'", async () =>
            {
                TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
                foreach (RouteState route in state.Routes.Select(r => r.Value).Where(r => r.Rollout is not null))
                    await Guard.RunAsync(logger, $"rollout of '{route.Route.Model}'", () => DriveAsync(route.Route, cancellationToken));
            });
        }
    }

    private async Task DriveAsync(Route route, CancellationToken cancellationToken)
    {
        Promotion? promotion = route.Candidate is { } candidate
            ? (await promotions.ReadAsync(new ModelVersion(route.Model, candidate.Version), cancellationToken))?.Value
            : null;
        RouteOutcome outcome = await executor.ChangeAsync(
            route.Target, route.Model, f => Decide(f, promotion), cancellationToken);
        if (outcome is RouteOutcome.Changed) await advancer.AdvanceModelAsync(route.Model, cancellationToken);
    }

    private RouteOutcome Decide(RouteFacts facts, Promotion? promotion)
    {
        if (facts.Current?.Rollout is null) return new RouteOutcome.Unchanged("No rollout is under way.");
        DateTimeOffset now = time.GetUtcNow();
        RolloutDecision decision = RolloutAnalysis.Decide(facts.Current, promotion, facts.Fleet, now);
        RouteOutcome outcome = RoutePlanner.Apply(
            facts.Current, facts.Revision, decision, Actors.Pipeline, now, facts.InUse);
        // Refused today is refused tomorrow: paused, it is held with a reason and a deadline.
        return outcome is RouteOutcome.Refused refused
            ? RoutePlanner.Pause(
                facts.Current, facts.Revision, refused.Reason, Actors.Pipeline, now, RolloutEvidence.Of(decision, now))
            : outcome;
    }
}
