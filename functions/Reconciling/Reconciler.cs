using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Routes;
using Pipeline.Functions.Uploads;

namespace Pipeline.Functions.Reconciling;

/// <summary>
/// Compares what should be with what is: uploads without a promotion, builds that nobody took, deadlines, stale snapshots
/// and unsent events.
/// </summary>
public sealed partial class Reconciler(
    UploadStore uploads,
    UploadAcceptor acceptor,
    PromotionStore promotions,
    LaneStore lanes,
    BuildRequests builds,
    PromotionAdvancer advancer,
    RouteExecutor routes,
    DeployedLanes deployed,
    IOptions<FunctionsOptions> options,
    TimeProvider time,
    ILogger<Reconciler> logger)
{
    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        await AcceptForgottenAsync(cancellationToken);
        foreach (Stored<Promotion> open in await promotions.ListOpenAsync(cancellationToken))
            await GuardAsync($"promotion '{open.Value.Id}'", () => HealAsync(open.Value, cancellationToken));
        foreach (string target in deployed.Targets)
            await GuardAsync($"routes of '{target}'", () => routes.PublishAsync(target, cancellationToken));
    }

    private async Task AcceptForgottenAsync(CancellationToken cancellationToken)
    {
        Dictionary<ModelVersion, string> known = (await promotions.ListAsync(null, cancellationToken))
            .ToDictionary(p => p.Value.Id, p => p.Value.Source.ETag);
        await foreach ((ModelVersion id, UploadedFile model) in uploads.ListModelsAsync(cancellationToken))
        {
            if (known.TryGetValue(id, out string? etag) && etag == model.ETag) continue;
            await GuardAsync($"upload '{id}'", () => acceptor.AcceptAsync(id, cancellationToken));
        }
    }

    private async Task HealAsync(Promotion promotion, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (promotion.Hold is { } hold && hold.Deadline < now)
            await ExpireAsync(promotion.Id, hold, cancellationToken);
        if (promotion.AcceptanceNumber is null) return;
        await builds.SendMissingAsync(promotion, cancellationToken);
        ImmutableArray<LaneRecord> records = await lanes.ListAsync(promotion.Id, cancellationToken);
        foreach (LaneRecord lane in records.Where(l => l.Phase == LanePhase.Queued))
        {
            LaneRecord? current = await lanes.UpdateAsync(
                promotion.Id, lane.Lane, l => LaneOutcome.OnDeadline(l, promotion.Policy, now), cancellationToken);
            if (current is { Phase: LanePhase.Queued } && await IsForgottenAsync(promotion.Id, lane, now, cancellationToken))
            {
                Log.Resending(logger, promotion.Id, lane.Lane, lane.Attempt);
                await builds.SendAsync(promotion, lane, cancellationToken);
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

    private Task ExpireAsync(ModelVersion id, PromotionHold hold, CancellationToken cancellationToken) =>
        promotions.UpdateAsync(
            id,
            p => p.End is null && p.Hold == hold
                ? p with
                {
                    End = new PromotionEnd
                    {
                        State = PromotionState.Cancelled,
                        Reason = $"Nobody decided before the deadline {hold.Deadline:u}: {hold.Reason}",
                        Who = "pipeline",
                        At = time.GetUtcNow(),
                    },
                }
                : null,
            cancellationToken);

    // One promotion that cannot be healed must not keep the tick from the others.
    private async Task GuardAsync(string what, Func<Task> heal)
    {
        try
        {
            await heal();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.NotHealed(logger, e, what);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The build of {Id} on {Lane}, attempt {Attempt}, got no answer; it is sent again.")]
        public static partial void Resending(ILogger logger, ModelVersion id, Lane lane, int attempt);

        [LoggerMessage(LogLevel.Error, "Reconciling the {What} failed; the next tick tries again.")]
        public static partial void NotHealed(ILogger logger, Exception exception, string what);
    }
}
