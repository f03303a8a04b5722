using Pipeline.Cloud.Routing;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Rollouts;

/// <summary>Takes each candidate's next step, or takes the candidate back, on what the edges report.</summary>
public sealed class RolloutDriver(
    RouteStore routes, RouteExecutor executor, PromotionAdvancer advancer, DeployedLanes lanes, TimeProvider time)
{
    public async Task DriveAsync(CancellationToken cancellationToken)
    {
        foreach (string target in lanes.Targets)
        {
            TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
            foreach (RouteState route in state.Routes.Select(r => r.Value).Where(r => r.Rollout is not null))
                await DriveAsync(target, route.Route.Model, cancellationToken);
        }
    }

    private async Task DriveAsync(string target, string model, CancellationToken cancellationToken)
    {
        RouteOutcome outcome = await executor.ChangeAsync(target, model, Decide, cancellationToken);
        if (outcome is RouteOutcome.Changed) await advancer.AdvanceModelAsync(model, cancellationToken);
    }

    private RouteOutcome Decide(RouteFacts facts)
    {
        if (facts.Current?.Rollout is null) return new RouteOutcome.Unchanged("No rollout is under way.");
        RolloutDecision decision = RolloutAnalysis.Decide(facts.Current, facts.Fleet, time.GetUtcNow());
        return RoutePlanner.Apply(
            facts.Current, facts.Revision, decision, RolloutBaseline.Of(facts), "pipeline", time.GetUtcNow());
    }
}
