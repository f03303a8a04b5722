using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Naming;

namespace Pipeline.Functions.Uploads;

/// <summary>
/// A blob was created in the models container. On redelivery the same upload is found accepted and only missing build
/// requests are sent.
/// </summary>
public sealed class UploadAccepted(UploadAcceptor acceptor)
{
    [Function(nameof(UploadAccepted))]
    public async Task RunAsync(
        [ServiceBusTrigger(EntityNames.BlobEventsQueue, Connection = "ServiceBus", AutoCompleteMessages = false)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        if (BlobEventReader.TryRead(message.Body, out string? fault) is not { } created)
        {
            await actions.DeadLetterMessageAsync(message, null, "BadBlobEvent", fault, cancellationToken);
            return;
        }

        // The policy and the golden files come first and start nothing; the model comes last.
        if (UploadPath.TryParse(created.Path, out ModelVersion id, out string file) && file == UploadPath.ModelFile)
            await acceptor.AcceptAsync(id, cancellationToken);
        await actions.CompleteMessageAsync(message, cancellationToken);
    }
}
