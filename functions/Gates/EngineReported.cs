using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud;
using Pipeline.Cloud.Messages;

namespace Pipeline.Functions.Gates;

/// <summary>
/// A worker built an engine, or could not. On redelivery the lane has its outcome already and only the promotion is
/// advanced again, which does nothing twice.
/// </summary>
public sealed class EngineReported(LaneOutcomes outcomes)
{
    [Function(nameof(EngineReported))]
    public async Task RunAsync(
        [ServiceBusTrigger(
            EntityNames.EventsTopic, EntityNames.GatekeeperSubscription, Connection = "ServiceBus", AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        string? fault = EngineOutcomeReader.Read(message) switch
        {
            EngineOutcome.Built built => await outcomes.OnBuiltAsync(built.Event, cancellationToken),
            EngineOutcome.Failed failed => await outcomes.OnFailedAsync(failed.Event, cancellationToken),
            EngineOutcome.Unreadable unreadable => unreadable.Fault,
            var other => $"No handler for {other.GetType().Name}.",
        };
        if (fault is null)
            await actions.CompleteMessageAsync(message, cancellationToken);
        else
            await actions.DeadLetterMessageAsync(message, null, "BadEvent", fault, cancellationToken);
    }
}
