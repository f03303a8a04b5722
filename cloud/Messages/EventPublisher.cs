using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Connections;

namespace Pipeline.Cloud.Messages;

/// <summary>Sends events to the topic promotion-events.</summary>
public sealed class EventPublisher(CloudClients clients)
{
    /// <exception cref="ServiceBusException">
    /// It could not be sent; a later try under the same id does no harm.
    /// </exception>
    public Task PublishAsync(CloudEvent cloudEvent, CancellationToken cancellationToken) =>
        clients.Sender(EntityNames.EventsTopic).SendMessageAsync(MessageOf(cloudEvent), cancellationToken);

    /// <summary>The message that carries an event.</summary>
    public static ServiceBusMessage MessageOf(CloudEvent cloudEvent)
    {
        var message = new ServiceBusMessage(MessageBody.Write(cloudEvent))
        {
            MessageId = cloudEvent.Id,
            Subject = cloudEvent.Type,
            ContentType = "application/cloudevents+json; charset=utf-8",
        };
        message.ApplicationProperties[EntityNames.TypeProperty] = cloudEvent.Type;
        TraceContext.Write(message.ApplicationProperties, cloudEvent.TraceParent);
        return message;
    }
}
