using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Routes;
using Pipeline.Functions.Uploads;

namespace Pipeline.Functions.Reconciling;

/// <summary>
/// Compares what should be with what is: uploads without a promotion, builds that nobody took, deadlines, stale snapshots
/// unsent events, and edges whose engines nobody has built yet.
/// </summary>
public sealed partial class Reconciler(
    UploadStore uploads,
    UploadAcceptor acceptor,
    PromotionStore promotions,
    LaneStore lanes,
    BuildRequests builds,
    PromotionAdvancer advancer,
    RouteExecutor routes,
    RouteStore routeStore,
    FleetChanges fleet,
    RoutedTargets targets,
    IOptions<FunctionsOptions> options,
    TimeProvider time,
    ILogger<Reconciler> logger)
{
    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        await Guard.RunAsync(logger, "uploads", () => AcceptForgottenAsync(cancellationToken));
        HashSet<ModelVersion> open = [];
        foreach (Stored<Promotion> promotion in await promotions.ListOpenAsync(cancellationToken))
        {
            ModelVersion id = promotion.Value.Id;
            open.Add(id);
            await Guard.RunAsync(logger, $"promotion '{id}'", () => HealAsync(promotion.Value, cancellationToken));
        }

        await Guard.RunAsync(logger, "changes of the fleet", () => fleet.FollowAsync(cancellationToken));
        foreach (string target in await targets.ListAsync(cancellationToken))
            await Guard.RunAsync(logger, $"routes of '{target}'", () => HealAsync(target, open, cancellationToken));
    }

    private async Task AcceptForgottenAsync(CancellationToken cancellationToken)
    {
        Dictionary<ModelVersion, Promotion> known = (await promotions.ListAsync(null, cancellationToken))
            .ToDictionary(p => p.Value.Id, p => p.Value);
        await foreach ((ModelVersion id, UploadedFile model) in uploads.ListModelsAsync(cancellationToken))
        {
            if (known.TryGetValue(id, out Promotion? decided)
                && (decided.Source.ETag == model.ETag || decided.RefusedETag == model.ETag)) continue;
            await Guard.RunAsync(logger, $"upload '{id}'", () => acceptor.AcceptAsync(id, cancellationToken));
        }
    }

    private async Task HealAsync(string target, HashSet<ModelVersion> open, CancellationToken cancellationToken)
    {
        await routes.PublishAsync(target, cancellationToken);
        // A run that ended right after its route change has left the row of a version that came back as ended.
        foreach (Stored<RouteState> state in (await routeStore.ReadTargetAsync(target, cancellationToken)).Routes)
        {
            Route route = state.Value.Route;
            foreach (string version in PromotionAdvancer.Named(route))
            {
                var id = new ModelVersion(route.Model, version);
                if (open.Add(id)) await advancer.AdvanceAsync(id, cancellationToken);
            }
        }
    }

    private async Task HealAsync(Promotion promotion, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        await builds.SendMissingAsync(promotion, cancellationToken);
        ImmutableArray<LaneRecord> records = await lanes.ListAsync(promotion.Id, cancellationToken);
        foreach (LaneRecord lane in records.Where(l => l.Phase == LanePhase.Queued))
        {
            LaneRecord? current = await lanes.UpdateAsync(
                promotion.Id, lane.Lane, l => LaneOutcome.OnDeadline(l, promotion.Policy, now), cancellationToken);
            if (current is { Phase: LanePhase.Queued } && await IsForgottenAsync(promotion.Id, current, now, cancellationToken))
            {
                Log.Resending(logger, promotion.Id, current.Lane, current.Attempt);
                await builds.SendAsync(promotion, current, cancellationToken);
            }
        }

        await advancer.AdvanceAsync(promotion.Id, cancellationToken);
    }

    private async Task<bool> IsForgottenAsync(
        ModelVersion id, LaneRecord lane, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now - lane.QueuedAt < options.Value.ResendAfter) return false;
        var progress = await lanes.ListProgressAsync(id, cancellationToken);
        return !progress.TryGetValue(lane.Lane, out LaneProgress? last) || now - last.UpdatedAt >= options.Value.ResendAfter;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The build of {Id} on {Lane}, attempt {Attempt}, got no answer; it is sent again.")]
        public static partial void Resending(ILogger logger, ModelVersion id, Lane lane, int attempt);
    }
}
