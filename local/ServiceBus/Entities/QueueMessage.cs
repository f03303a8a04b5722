namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>A message as a queue keeps it. The payload is opaque here: the encoded AMQP message.</summary>
internal sealed record QueueMessage
{
    public required long Sequence { get; init; }

    public required byte[] Payload { get; init; }

    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When a scheduled message becomes receivable; EnqueuedAt for every other.</summary>
    public required DateTimeOffset VisibleAt { get; init; }

    /// <summary>DateTimeOffset.MaxValue: never.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Deliveries that ended without a settlement that keeps the message away.</summary>
    public int DeliveryCount { get; init; }

    public DeadLetterCause? DeadLetter { get; init; }
}

/// <summary>Why and from where a message was dead-lettered.</summary>
internal sealed record DeadLetterCause(string? Reason, string? Description, string Source);

/// <summary>A message that one receiver holds until the time, unless it settles or renews.</summary>
internal sealed record LockedMessage(QueueMessage Message, Guid Token, DateTimeOffset Until);

internal enum MessageState
{
    Active,
    Locked,
    Scheduled,
}

/// <summary>How many messages an entity holds, by state.</summary>
internal readonly record struct QueueCounts(int Active, int Locked, int Scheduled, int DeadLetter);
