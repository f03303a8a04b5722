using System.Security.Cryptography;
using System.Text;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Builds;

namespace Pipeline.Cloud.Messages;

/// <summary>Sends build requests, each to its lane's queue.</summary>
public sealed class BuildQueue(CloudClients clients)
{
    /// <param name="request">What to build.</param>
    /// <param name="messageId">
    /// Duplicate detection drops a message whose id it saw: <see cref="MessageIdOf"/>, unless a lost message is sent
    /// again.
    /// </param>
    /// <param name="traceParent">The promotion's trace, for when no trace is under way here.</param>
    /// <exception cref="InvalidDataException">The request does not fit a message.</exception>
    /// <exception cref="ServiceBusException">It could not be sent.</exception>
    public Task SendAsync(
        BuildRequest request, string messageId, string? traceParent, CancellationToken cancellationToken) =>
        clients.Sender(EntityNames.BuildQueue(request.Lane))
            .SendMessageAsync(MessageOf(request, messageId, traceParent), cancellationToken);

    /// <summary>
    /// The hash of model, version, lane and attempt: a request is queued once, a retry is another one.
    /// </summary>
    public static string MessageIdOf(BuildRequest request)
    {
        byte[] name = Encoding.UTF8.GetBytes(
            FormattableString.Invariant($"{request.Model}/{request.Version}/{request.Lane}/{request.Attempt}"));
        return Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, 16));
    }

    /// <summary>The message that carries a request.</summary>
    public static ServiceBusMessage MessageOf(BuildRequest request, string messageId, string? traceParent)
    {
        var message = new ServiceBusMessage(MessageBody.Write(request))
        {
            MessageId = messageId,
            Subject = $"{request.Model}/{request.Version}",
            ContentType = "application/json; charset=utf-8",
        };
        TraceContext.Write(message.ApplicationProperties, TraceContext.Current(traceParent));
        return message;
    }
}
