using System.Collections.Immutable;

namespace Pipeline.Local.ServiceBus;

/// <summary>What the emulator serves and where it keeps it. Everything listens on 127.0.0.1 alone.</summary>
public sealed record ServiceBusEmulatorOptions
{
    /// <summary>The folder of the journal; created when absent. One emulator at a time may use it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The AMQP port; 0 takes a free one.</summary>
    public int AmqpPort { get; init; }

    /// <summary>The port of GET /health and GET /entities; 0 takes a free one.</summary>
    public int HttpPort { get; init; }

    public ImmutableArray<QueueConfig> Queues { get; init; } = [];

    public ImmutableArray<TopicConfig> Topics { get; init; } = [];

    /// <summary>The clock of locks, expiry and schedules. The AMQP library keeps its own time.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>What holds messages: a queue or a subscription. Defaults are Azure's.</summary>
public abstract record MessageEntityConfig
{
    public required string Name { get; init; }

    /// <summary>How long a received message stays locked; at most 5 minutes, default 1 minute.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Deliveries after which a message is dead-lettered; default 10.</summary>
    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>The longest life of a message; a message may ask for less. Default: for ever.</summary>
    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    /// <summary>Whether an expired message is dead-lettered instead of deleted; default no.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Bytes of messages, dead letters included, after which sends are refused; default 100 MB.</summary>
    public long MaxSizeBytes { get; init; } = 100 * 1024 * 1024;
}

public sealed record QueueConfig : MessageEntityConfig
{
    /// <summary>The window in which a MessageId seen before is dropped; null (default): no detection.</summary>
    public TimeSpan? DuplicateDetectionWindow { get; init; }
}

public sealed record TopicConfig
{
    public required string Name { get; init; }

    public ImmutableArray<SubscriptionConfig> Subscriptions { get; init; } = [];

    /// <inheritdoc cref="QueueConfig.DuplicateDetectionWindow"/>
    public TimeSpan? DuplicateDetectionWindow { get; init; }
}

/// <summary>
/// Without a reader it fills up, and then the topic refuses sends: give such a subscription a short time to live.
/// </summary>
public sealed record SubscriptionConfig : MessageEntityConfig
{
    /// <summary>Any rule that matches takes the message; no rules take everything.</summary>
    public ImmutableArray<CorrelationRule> Rules { get; init; } = [];
}

/// <summary>A correlation filter: every named application property has exactly the given text.</summary>
public sealed record CorrelationRule(ImmutableDictionary<string, string> Properties)
{
    /// <summary>Rules that together accept each of the values of one property.</summary>
    public static ImmutableArray<CorrelationRule> AnyOf(string property, params ReadOnlySpan<string> values)
    {
        var rules = ImmutableArray.CreateBuilder<CorrelationRule>(values.Length);
        foreach (string value in values)
            rules.Add(new(ImmutableDictionary<string, string>.Empty.Add(property, value)));
        return rules.ToImmutable();
    }

    internal bool Accepts(IReadOnlyDictionary<string, string> properties) =>
        Properties.All(p => properties.TryGetValue(p.Key, out string? value) && value == p.Value);
}
