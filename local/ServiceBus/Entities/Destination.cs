using System.Collections.Immutable;

namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>Where a destination's messages go: a queue itself, or a subscription with its rules.</summary>
internal readonly record struct Target(MessageQueue Queue, ImmutableArray<CorrelationRule> Rules);

/// <summary>What can be sent to: a queue is its own single target, a topic has its subscriptions.</summary>
/// <param name="History">Null: no duplicate detection.</param>
internal sealed record Destination(IReadOnlyList<Target> Targets, DuplicateHistory? History)
{
    /// <summary>Puts the message where it belongs; one without a taker, or seen before, is dropped.</summary>
    /// <returns>The sequence number, which is the same in every subscription.</returns>
    public long Send(IncomingMessage incoming, long sequence, DateTimeOffset now)
    {
        if (incoming.MessageId is { } id && History?.TryAdd(id, now) == false) return sequence;
        DateTimeOffset visibleAt = incoming.ScheduledFor > now ? incoming.ScheduledFor.Value : now;
        var message = new QueueMessage
        {
            Sequence = sequence,
            Payload = incoming.Payload,
            EnqueuedAt = now,
            VisibleAt = visibleAt,
            ExpiresAt = incoming.TimeToLive is { } life ? visibleAt + life : DateTimeOffset.MaxValue,
        };
        foreach ((MessageQueue queue, ImmutableArray<CorrelationRule> rules) in Targets)
        {
            if (rules.IsEmpty || rules.Any(r => r.Accepts(incoming.Properties))) queue.Enqueue(message, now);
        }

        return sequence;
    }
}
