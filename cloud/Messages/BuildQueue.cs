using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Builds;

namespace Pipeline.Cloud.Messages;

/// <summary>Sends build requests, each to its lane's queue.</summary>
public sealed class BuildQueue(CloudClients clients)
{
    /// <summary>Sends a request; the queue drops it when it has seen the same attempt within its duplicate window.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="traceParent">The promotion's trace.</param>
    /// <exception cref="InvalidDataException">The request does not fit a message.</exception>
    /// <exception cref="ServiceBusException">It could not be sent.</exception>
    public Task SendAsync(BuildRequest request, string? traceParent, CancellationToken cancellationToken) =>
        clients.Sender(EntityNames.BuildQueue(request.Lane))
            .SendMessageAsync(MessageOf(request, BuildMessageId.Of(request), traceParent), cancellationToken);

    /// <summary>The message that carries a request.</summary>
    public static ServiceBusMessage MessageOf(BuildRequest request, string messageId, string? traceParent)
    {
        var message = new ServiceBusMessage(MessageBody.Write(request))
        {
            MessageId = messageId,
            Subject = $"{request.Model}/{request.Version}",
            ContentType = "application/json; charset=utf-8",
        };
        TraceContext.Write(message.ApplicationProperties, TraceContext.Or(traceParent));
        return message;
    }
}
