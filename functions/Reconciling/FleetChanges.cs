using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Events;
using Pipeline.Core.Fleet;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Promotions;

namespace Pipeline.Functions.Reconciling;

/// <summary>
/// Makes true what the fleet asks for. Each change is announced before it is written: a run that ends in between is planned
/// again, and announces the same event under the same id.
/// </summary>
public sealed partial class FleetChanges(
    FleetStore fleet,
    UndeployedLaneStore undeployed,
    PromotionStore promotions,
    LaneStore lanes,
    RouteStore routes,
    BuildRequests builds,
    PromotionAdvancer advancer,
    EventPublisher events,
    DeployedLanes deployed,
    TimeProvider time,
    ILogger<FleetChanges> logger)
{
    // Edges can report any name; what is remembered of them is bounded.
    private const int ToldMaximum = 256;

    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var states = ImmutableArray.CreateBuilder<RouteState>();
        foreach (string target in deployed.Targets)
            states.AddRange((await routes.ReadTargetAsync(target, cancellationToken)).Routes.Select(r => r.Value));
        var versions = ImmutableArray.CreateBuilder<FleetVersion>();
        foreach (Stored<Promotion> open in await promotions.ListOpenAsync(cancellationToken))
        {
            versions.Add(new FleetVersion
            {
                Promotion = open.Value,
                Lanes = await lanes.ListAsync(open.Value.Id, cancellationToken),
            });
        }

        FleetPlan plan = FleetPlanner.Plan(
            deployed.All, await fleet.ListAsync(cancellationToken), versions, states, time.GetUtcNow());
        foreach (FleetChange change in plan.Added)
            await Guard.RunAsync(logger, $"'{change.Id}' on '{change.Lane}'", () => AddAsync(change, cancellationToken));
        foreach (FleetChange change in plan.MeasuredAgain)
            await Guard.RunAsync(logger, $"'{change.Id}' on '{change.Lane}'", () => MeasureAgainAsync(change, cancellationToken));
        await TellUndeployedAsync(plan.Undeployed, cancellationToken);
        // One that comes back at this very moment is missing until its next report.
        foreach (FleetReport gone in plan.Gone.Select(m => m.Report))
            await fleet.RemoveAsync(gone.Target, gone.Edge, cancellationToken);
    }

    private async Task AddAsync(FleetChange change, CancellationToken cancellationToken)
    {
        await AnnounceAsync(change, cancellationToken);
        Promotion? promotion = await promotions.UpdateAsync(
            change.Id,
            p => p.End is not null || p.Lanes.Contains(change.Lane)
                ? null
                : (p with { Lanes = [.. p.Lanes.Append(change.Lane).Order()], JoinedLanes = p.JoinedLanes.Add(change.Lane) })
                    .WithNotice(change.Reason, time.GetUtcNow()),
            cancellationToken);
        if (promotion is null) return;
        Log.Changed(logger, change.Reason);
        await builds.SendMissingAsync(promotion, cancellationToken);
        await advancer.AdvanceAsync(change.Id, cancellationToken);
    }

    private async Task MeasureAgainAsync(FleetChange change, CancellationToken cancellationToken)
    {
        await AnnounceAsync(change, cancellationToken);
        LaneRecord? queued = null;
        await lanes.UpdateAsync(
            change.Id, change.Lane, l => queued = FleetPlanner.MeasureAgain(l, change, time.GetUtcNow()), cancellationToken);
        if (queued is null) return;
        Log.Changed(logger, change.Reason);
        Promotion? promotion = await promotions.UpdateAsync(
            change.Id, p => p.WithNotice(change.Reason, time.GetUtcNow()), cancellationToken);
        // A request that is lost here is sent again by the reconcile tick, as any is that gets no answer.
        if (promotion is not null) await builds.SendAsync(promotion, queued, cancellationToken);
        await advancer.AdvanceAsync(change.Id, cancellationToken);
    }

    private async Task TellUndeployedAsync(ImmutableArray<Lane> found, CancellationToken cancellationToken)
    {
        ImmutableHashSet<Lane> told = await undeployed.ListAsync(cancellationToken);
        foreach (Lane lane in found.Except(told).Take(Math.Max(0, ToldMaximum - told.Count)))
        {
            string reason = FleetPlanner.DescribeUndeployed(lane);
            Log.Undeployed(logger, reason);
            await PublishAsync(
                lane.ToString(),
                new PipelineNotice { Model = "*", Target = lane.Target, Lane = lane.ToString(), Reason = reason }, null,
                cancellationToken);
            await undeployed.AddAsync(lane, cancellationToken);
        }

        // Deployed by now: were its worker taken away again, that would be worth telling.
        foreach (Lane lane in told.Intersect(deployed.All)) await undeployed.RemoveAsync(lane, cancellationToken);
    }

    private async Task AnnounceAsync(FleetChange change, CancellationToken cancellationToken)
    {
        Promotion? promotion = (await promotions.ReadAsync(change.Id, cancellationToken))?.Value;
        await PublishAsync(
            change.Id.ToString(),
            new PipelineNotice
            {
                Model = change.Id.Model,
                Version = change.Id.Version,
                Target = change.Lane.Target,
                Lane = change.Lane.ToString(),
                Reason = change.Reason,
            },
            promotion?.TraceParent,
            cancellationToken);
    }

    private Task PublishAsync(string subject, PipelineNotice notice, string? traceParent, CancellationToken cancellationToken) =>
        events.PublishAsync(
            CloudEvent.Create(EventTypes.FleetChanged, subject, notice, time.GetUtcNow(), traceParent), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{Reason}")]
        public static partial void Changed(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "{Reason}")]
        public static partial void Undeployed(ILogger logger, string reason);
    }
}
