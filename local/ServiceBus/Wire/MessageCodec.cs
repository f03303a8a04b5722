using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.Local.ServiceBus.Wire;

/// <summary>Between encoded AMQP messages and what the entities keep. Encoding itself is the AMQP library's.</summary>
internal static class MessageCodec
{
    /// <summary>The largest message or batch, as on the Standard tier.</summary>
    public const uint MaxMessageBytes = 256 * 1024;

    private const int MaxMessageIdLength = 128;
    private const int LastYear = 9000;

    private static readonly AmqpSymbol s_scheduledFor = "x-opt-scheduled-enqueue-time";
    private static readonly AmqpSymbol s_enqueuedAt = "x-opt-enqueued-time";
    private static readonly AmqpSymbol s_sequence = "x-opt-sequence-number";
    private static readonly AmqpSymbol s_lockedUntil = "x-opt-locked-until";
    private static readonly AmqpSymbol s_state = "x-opt-message-state";
    private static readonly AmqpSymbol s_deadLetterSource = "x-opt-deadletter-source";

    /// <exception cref="AmqpException">A message or batch of this size is refused.</exception>
    public static void CheckSize(long bytes)
    {
        if (bytes <= MaxMessageBytes) return;
        throw new AmqpException(AmqpErrorCode.MessageSizeExceeded,
            $"The message or batch has {bytes} bytes; the most is {MaxMessageBytes}.");
    }

    /// <summary>The message of a transfer, or the several of a batch.</summary>
    /// <exception cref="AmqpException">It is not a well-formed message.</exception>
    public static IReadOnlyList<IncomingMessage> ReadTransfer(AmqpMessage transfer)
    {
        if (transfer.MessageFormat != AmqpConstants.AmqpBatchedMessageFormat) return [Read(Received(transfer))];
        return [.. transfer.DataBody.Select(d => Read(Bytes(d.Value)))];
    }

    /// <inheritdoc cref="ReadTransfer"/>
    public static IncomingMessage Read(byte[] payload)
    {
        using AmqpMessage message = Decode(payload);
        string? id = message.Properties?.MessageId?.ToString();
        if (id?.Length > MaxMessageIdLength)
        {
            throw new AmqpException(ServiceBusErrors.ArgumentOutOfRange,
                $"The MessageId has {id.Length} characters; use at most {MaxMessageIdLength}.");
        }

        uint? ttl = message.Header?.Ttl;
        DateTime? scheduledFor =
            message.MessageAnnotations?.Map.TryGetValue(s_scheduledFor, out DateTime at) == true ? at : null;
        if (scheduledFor?.Year > LastYear)
        {
            throw new AmqpException(ServiceBusErrors.ArgumentOutOfRange,
                $"'{scheduledFor:O}' is too late to schedule for; the last year is {LastYear}.");
        }

        return new()
        {
            Payload = id is null ? WithNewId(payload, message) : payload,
            MessageId = id,
            TimeToLive = ttl is null or uint.MaxValue ? null : TimeSpan.FromMilliseconds(ttl.Value),
            ScheduledFor = scheduledFor?.ToUniversalTime(),
            Properties = message.ApplicationProperties?.Map.Where(p => p.Value is string)
                .ToDictionary(p => p.Key.ToString(), p => (string)p.Value, StringComparer.Ordinal) ?? [],
        };
    }

    /// <summary>The message as a receiver gets it.</summary>
    /// <param name="lockedUntil">Null for a message that is only looked at.</param>
    public static AmqpMessage Compose(QueueMessage message, MessageState state, DateTimeOffset? lockedUntil)
    {
        byte[] payload = message.Payload;
        var properties = new Dictionary<string, object>();
        if (message.DeadLetter?.Reason is { } reason) properties[ServiceBusErrors.DeadLetterReason] = reason;
        if (message.DeadLetter?.Description is { } text) properties[ServiceBusErrors.DeadLetterDescription] = text;
        payload = WithProperties(payload, properties) ?? payload;
        AmqpMessage composed = AmqpMessage.CreateOutputMessage(new BufferListStream([payload]), ownStream: true);
        composed.Header.DeliveryCount = (uint)message.DeliveryCount;
        Annotations annotations = composed.MessageAnnotations.Map;
        annotations[s_sequence] = message.Sequence;
        annotations[s_enqueuedAt] = message.VisibleAt.UtcDateTime;
        annotations[s_state] = state == MessageState.Scheduled ? 2 : 0;
        if (lockedUntil is { } until) annotations[s_lockedUntil] = until.UtcDateTime;
        if (message.DeadLetter is { } cause) annotations[s_deadLetterSource] = cause.Source;
        return composed;
    }

    /// <summary>The payload with application properties added or replaced; null when there are none.</summary>
    public static byte[]? WithProperties(byte[] payload, IReadOnlyDictionary<string, object> properties)
    {
        if (properties.Count == 0) return null;
        using AmqpMessage message = Decode(payload);
        ApplicationProperties section = message.ApplicationProperties ?? new();
        foreach ((string name, object value) in properties) section.Map[name] = value;
        return Splice(payload, section, End(message.Properties) ?? StartOfProperties(message));
    }

    public static byte[] Encode(AmqpMessage message) => [.. message.GetPayload().SelectMany(part => part)];

    /// <summary>A binary value, which the library gives as either of two types.</summary>
    public static byte[] Bytes(object value) => value switch
    {
        ArraySegment<byte> segment => [.. segment],
        byte[] bytes => bytes,
        _ => throw new AmqpException(AmqpErrorCode.DecodeError, "A message body that should be binary is not."),
    };

    // As on the real service, no message is without an id; the JavaScript client counts on it.
    private static byte[] WithNewId(byte[] payload, AmqpMessage message)
    {
        Properties section = message.Properties ?? new();
        section.MessageId = Guid.NewGuid().ToString("N");
        return Splice(payload, section, StartOfProperties(message));
    }

    // Puts a section where it belongs, in place of the one that was there.
    private static byte[] Splice(byte[] payload, AmqpDescribed section, int start)
    {
        int end = start + (int)section.Length;
        var encoded = new ByteBuffer(section.EncodeSize, autoGrow: true);
        section.Encode(encoded);
        ReadOnlySpan<byte> middle = encoded.Buffer.AsSpan(encoded.Offset, encoded.Length);
        return [.. payload.AsSpan(0, start), .. middle, .. payload.AsSpan(end)];
    }

    private static int StartOfProperties(AmqpMessage message) =>
        End(message.MessageAnnotations) ?? End(message.DeliveryAnnotations) ?? End(message.Header) ?? 0;

    private static int? End(AmqpDescribed? section) => section is null ? null : (int)(section.Offset + section.Length);

    private static byte[] Received(AmqpMessage transfer) =>
        [.. transfer.RawByteBuffers.SelectMany(b => new ArraySegment<byte>(b.Buffer, b.Offset, b.Length))];

    // The body stays encoded: nobody here reads it.
    private static AmqpMessage Decode(byte[] payload)
    {
        AmqpMessage message = AmqpMessage.CreateInputMessage(new BufferListStream([payload]));
        message.Deserialize(SectionFlag.NonBody & ~SectionFlag.Footer);
        return message;
    }
}
