using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Functions.Routes;

/// <summary>What a route decision is made on: the route as it is, and what the edges of its target last reported.</summary>
/// <param name="InUse">The lanes that are deployed or that edges of the target run.</param>
public sealed record RouteFacts(
    RouteState? Current, long Revision, ImmutableArray<FleetMember> Fleet, ImmutableSortedSet<Lane> InUse);

/// <summary>Makes a decided route change true: writes it, publishes the snapshot, sends the event.</summary>
public sealed partial class RouteExecutor(
    RouteStore routes,
    FleetStore fleet,
    DeployedLanes deployed,
    SnapshotPublisher snapshots,
    OutboxSender outbox,
    ISigner signer,
    TimeProvider time,
    ILogger<RouteExecutor> logger)
{
    private const int TriesMaximum = 20;

    /// <summary>
    /// Decides on fresh facts until the revision holds still, then publishes. What is written is done: edges that cannot be
    /// told now are told by the reconcile tick, and a caller who heard of a fault would only do it twice.
    /// </summary>
    public async Task<RouteOutcome> ChangeAsync(
        string target, string model, Func<RouteFacts, RouteOutcome> decide, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
            ImmutableArray<FleetMember> members = await fleet.ListAsync(target, cancellationToken);
            RouteOutcome outcome = decide(new RouteFacts(
                state.Find(model), state.Revision, members, FleetPlanner.InUse(deployed.All, members, time.GetUtcNow())));
            if (outcome is not RouteOutcome.Changed changed) return outcome;
            if (!await TryWriteAsync(changed.Change, cancellationToken)) continue;
            Log.Changed(logger, target, model, changed.Change.ExpectedRevision + 1, changed.Change.EventType,
                changed.Change.Why);
            await TryPublishAsync(target, cancellationToken);
            return outcome;
        }

        throw new InvalidOperationException($"The routes of '{target}' moved {TriesMaximum} times under one change; try again.");
    }

    /// <summary>As <see cref="PublishAsync"/>; false when it failed, which is logged.</summary>
    public async Task<bool> TryPublishAsync(string target, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(target, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.NotPublished(logger, e, target);
            return false;
        }
    }

    /// <summary>Writes the snapshot if it is behind and sends the events that are still unsent.</summary>
    public async Task PublishAsync(string target, CancellationToken cancellationToken)
    {
        await snapshots.PublishAsync(target, signer, cancellationToken);
        await outbox.SendAsync(target, cancellationToken);
    }

    private async Task<bool> TryWriteAsync(RouteChange change, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (await routes.ApplyAsync(change, now, cancellationToken) is ApplyResult.Applied) return true;
        // A write whose answer was lost is sent again, and refused like one that came too late: the history tells them apart.
        Route after = change.After.Route;
        ImmutableArray<RouteHistoryEntry> newest = await routes.HistoryAsync(after.Target, TriesMaximum, cancellationToken);
        return newest.Any(e => e.Revision == change.ExpectedRevision + 1 && e.After.Model == after.Model && e.At == now
            && e.Who == change.Who && e.Why == change.Why);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The routes of {Target} are written but not published; the reconcile tick tries again.")]
        public static partial void NotPublished(ILogger logger, Exception exception, string target);

        [LoggerMessage(LogLevel.Information, "Route of {Model} on {Target} is at revision {Revision} ({EventType}): {Why}")]
        public static partial void Changed(
            ILogger logger, string target, string model, long revision, string eventType, string why);
    }
}
