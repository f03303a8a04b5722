using System.Collections;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>The requests that a client sends to the $management node of one entity.</summary>
internal sealed class Management(Broker broker, string path)
{
    private const int MaxPeekCount = 250;
    private const int MaxPeekBytes = 1024 * 1024;
    private const int MaxTokens = 1000;

    /// <summary>The reply of $cbs to every token.</summary>
    public static AmqpMessage TokenAccepted()
    {
        AmqpMessage reply = AmqpMessage.Create();
        reply.ApplicationProperties.Map["status-code"] = 202;
        reply.ApplicationProperties.Map["status-description"] = "Accepted";
        return reply;
    }

    public AmqpMessage Answer(AmqpMessage request)
    {
        try
        {
            string? operation = null;
            request.ApplicationProperties?.Map.TryGetValue("operation", out operation);
            if (request.ValueBody?.Value is not AmqpMap body)
                throw new AmqpException(AmqpErrorCode.InvalidField, "The body of a request has to be a map.");
            AmqpMap? reply = Perform(operation, body);
            return reply is null
                ? Reply(AmqpMessage.Create(), 204, "No content")
                : Reply(AmqpMessage.Create(new AmqpValue { Value = reply }), 200, "OK");
        }
        catch (AmqpException e)
        {
            int status = ServiceBusErrors.StatusOf(e.Error.Condition);
            AmqpMessage reply = Reply(AmqpMessage.Create(), status, e.Error.Description);
            reply.ApplicationProperties.Map["errorCondition"] = e.Error.Condition;
            return reply;
        }
    }

    private AmqpMap? Perform(string? operation, AmqpMap body) => operation switch
    {
        "com.microsoft:renew-lock" => RenewLocks(body),
        "com.microsoft:peek-message" => Peek(body),
        "com.microsoft:schedule-message" => Schedule(body),
        "com.microsoft:cancel-scheduled-message" => CancelScheduled(body),
        "com.microsoft:update-disposition" => UpdateDisposition(body),
        _ => throw ServiceBusErrors.NotImplemented($"operation {operation}"),
    };

    private AmqpMap RenewLocks(AmqpMap body)
    {
        MessageQueue queue = broker.QueueAt(path);
        DateTime[] ends = [.. List<Guid>(body, "lock-tokens").Select(t => broker.Renew(queue, t).UtcDateTime)];
        return Map("expirations", ends);
    }

    private AmqpMap? Peek(AmqpMap body)
    {
        if (!body.TryGetValue(new MapKey("from-sequence-number"), out long from)
            || !body.TryGetValue(new MapKey("message-count"), out int count))
        {
            throw Missing("from-sequence-number and message-count");
        }

        var messages = new List<AmqpMap>();
        int bytes = 0;
        foreach ((QueueMessage message, MessageState state) in
            broker.Peek(broker.QueueAt(path), from, Math.Clamp(count, 0, MaxPeekCount)))
        {
            bytes += message.Payload.Length;
            if (bytes > MaxPeekBytes && messages.Count > 0) break;
            using AmqpMessage composed = MessageCodec.Compose(message, state, lockedUntil: null);
            messages.Add(Map("message", new ArraySegment<byte>(MessageCodec.Encode(composed))));
        }

        return messages.Count == 0 ? null : Map("messages", messages);
    }

    private AmqpMap Schedule(AmqpMap body)
    {
        IncomingMessage[] messages =
        [
            .. List<AmqpMap>(body, "messages")
                .Select(m => m.TryGetValue(new MapKey("message"), out object bytes) ? bytes : throw Missing("message"))
                .Select(bytes => MessageCodec.Read(MessageCodec.Bytes(bytes)))
        ];
        MessageCodec.CheckSize(messages.Sum(m => (long)m.Payload.Length));
        return Map("sequence-numbers", broker.Send(broker.DestinationAt(path), messages).ToArray());
    }

    private AmqpMap CancelScheduled(AmqpMap body)
    {
        Destination destination = broker.DestinationAt(path);
        foreach (long sequence in List<long>(body, "sequence-numbers"))
        {
            if (!broker.Cancel(destination, sequence))
            {
                throw new AmqpException(ServiceBusErrors.NoSuchMessage,
                    $"'{path}' has no scheduled message '{sequence}'; it may be active already.");
            }
        }

        return new AmqpMap();
    }

    private AmqpMap UpdateDisposition(AmqpMap body)
    {
        MessageQueue queue = broker.QueueAt(path);
        Settlement settlement = Settlements.Named(
            body.TryGetValue(new MapKey("disposition-status"), out string status) ? status : null, body);
        foreach (Guid token in List<Guid>(body, "lock-tokens")) broker.Settle(queue, token, settlement);
        return new AmqpMap();
    }

    private static AmqpMap Map(string name, object value) => new() { [new MapKey(name)] = value };

    // Arrays and lists both occur: the clients differ.
    private static T[] List<T>(AmqpMap body, string name)
    {
        if (!body.TryGetValue(new MapKey(name), out IEnumerable? items) || items is null) throw Missing(name);
        T[] list = [.. items.OfType<T>().Take(MaxTokens + 1)];
        return list.Length is > 0 and <= MaxTokens ? list : throw Missing($"{name} (1 to {MaxTokens})");
    }

    private static AmqpException Missing(string name) =>
        new(AmqpErrorCode.InvalidField, $"The request lacks '{name}', or it has the wrong type.");

    private static AmqpMessage Reply(AmqpMessage reply, int status, string description)
    {
        reply.ApplicationProperties.Map["statusCode"] = status;
        reply.ApplicationProperties.Map["statusDescription"] = description;
        return reply;
    }
}
