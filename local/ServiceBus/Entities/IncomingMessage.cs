namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>What an entity needs to know of a message that was sent to it.</summary>
internal sealed record IncomingMessage
{
    public required byte[] Payload { get; init; }

    public string? MessageId { get; init; }

    public TimeSpan? TimeToLive { get; init; }

    public DateTimeOffset? ScheduledFor { get; init; }

    /// <summary>The application properties that are text, for the filters of subscriptions.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }
}
