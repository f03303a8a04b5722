namespace Pipeline.Local.DeadLetters;

/// <summary>A message that its reader gave up or refused.</summary>
public sealed record DeadLetter
{
    /// <summary>The queue, or <c>topic/subscription</c>, that it lies beside.</summary>
    public required string Queue { get; init; }

    /// <summary>Names the message in its queue.</summary>
    public required long Sequence { get; init; }

    public required string MessageId { get; init; }

    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>How often it was taken.</summary>
    public required int Deliveries { get; init; }

    public string? Reason { get; init; }

    public string? Description { get; init; }

    /// <summary>The body's first characters, without control characters.</summary>
    public required string Body { get; init; }
}
