using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Management;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Functions.Routes;

/// <summary>What a route decision is made on: the route as it is, and what the edges of its target last reported.</summary>
public sealed record RouteFacts(RouteState? Current, long Revision, ImmutableArray<FleetMember> Fleet);

/// <summary>Makes a decided route change true: writes it, publishes the snapshot, sends the event.</summary>
public sealed partial class RouteExecutor(
    RouteStore routes,
    FleetStore fleet,
    SnapshotPublisher snapshots,
    OutboxSender outbox,
    ISigner signer,
    TimeProvider time,
    ILogger<RouteExecutor> logger)
{
    private const int TriesMaximum = 20;

    /// <summary>Decides on fresh facts until the revision holds still, then publishes.</summary>
    public async Task<RouteOutcome> ChangeAsync(
        string target, string model, Func<RouteFacts, RouteOutcome> decide, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
            ImmutableArray<FleetMember> members = await fleet.ListAsync(target, cancellationToken);
            RouteOutcome outcome = decide(new RouteFacts(state.Find(model), state.Revision, members));
            if (outcome is not RouteOutcome.Changed changed) return outcome;
            if (await routes.ApplyAsync(changed.Change, time.GetUtcNow(), cancellationToken) is ApplyResult.Applied applied)
            {
                Log.Changed(logger, target, model, applied.Revision, changed.Change.Why);
                await PublishAsync(target, cancellationToken);
                return outcome;
            }
        }

        throw new InvalidOperationException($"The routes of '{target}' moved {TriesMaximum} times under one change; try again.");
    }

    /// <summary>Writes the snapshot if it is behind and sends the events that are still unsent.</summary>
    public async Task PublishAsync(string target, CancellationToken cancellationToken)
    {
        await snapshots.PublishAsync(target, signer, cancellationToken);
        await outbox.SendAsync(target, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Route of {Model} on {Target} is at revision {Revision}: {Why}")]
        public static partial void Changed(ILogger logger, string target, string model, long revision, string why);
    }
}
