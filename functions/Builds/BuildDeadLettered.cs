using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Functions.Gates;

namespace Pipeline.Functions.Builds;

/// <summary>
/// Turns build requests that ended in a dead-letter queue into verdicts. A message that cannot be read names no version:
/// it stays, with its reason, for the operator.
/// </summary>
public sealed class BuildDeadLettered(CloudClients clients, LaneOutcomes outcomes, DeployedLanes lanes, ILogger<BuildDeadLettered> logger)
{
    private const int MessagesMaximum = 32;

    [Function(nameof(BuildDeadLettered))]
    public async Task RunAsync([TimerTrigger("%ReconcileTickSchedule%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        // One lane that cannot be drained must not keep the tick from the others.
        foreach (Lane lane in lanes.All)
            await Guard.RunAsync(logger, $"dead letters of '{lane}'", () => DrainAsync(lane, cancellationToken));
    }

    private async Task DrainAsync(Lane lane, CancellationToken cancellationToken)
    {
        await using ServiceBusReceiver receiver = clients.ServiceBus.CreateReceiver(
            EntityNames.BuildQueue(lane), new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        // Peeking first keeps an idle lane free of receive links that wait for nothing.
        if (await receiver.PeekMessageAsync(cancellationToken: cancellationToken) is null) return;
        foreach (ServiceBusReceivedMessage message in
            await receiver.ReceiveMessagesAsync(MessagesMaximum, TimeSpan.FromSeconds(1), cancellationToken))
        {
            if (BuildRequestReader.TryRead(message.Body, out _) is { } request)
            {
                await outcomes.OnFailedAsync(ToFailure(request, message), cancellationToken);
                await receiver.CompleteMessageAsync(message, cancellationToken);
            }
        }
    }

    private static EngineFailed ToFailure(BuildRequest request, ServiceBusReceivedMessage message) => EngineFailed.Of(
        request,
        BuildFailureKind.DeadLettered,
        $"The build request was given up after {message.DeliveryCount} deliveries ({message.DeadLetterReason}): " +
        $"{message.DeadLetterErrorDescription} Its worker may have crashed; see its log, then retry.");
}
