using System.Text.RegularExpressions;

namespace Pipeline.Local.ServiceBus;

/// <summary>Refuses options that Azure would refuse or that cannot work.</summary>
internal static partial class OptionsCheck
{
    private static readonly TimeSpan s_longestLock = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_longestWindow = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_longestLife = TimeSpan.FromDays(3650);

    /// <exception cref="ArgumentException">Something is wrong; the message says what.</exception>
    public static void Check(ServiceBusEmulatorOptions options)
    {
        foreach (string name in options.Queues.Select(q => q.Name).Concat(options.Topics.Select(t => t.Name)))
            CheckName(name);
        Unique("queue or topic", options.Queues.Select(q => q.Name).Concat(options.Topics.Select(t => t.Name)));
        foreach (QueueConfig queue in options.Queues)
        {
            Check(queue.Name, queue);
            CheckWindow(queue.Name, queue.DuplicateDetectionWindow);
        }

        foreach (TopicConfig topic in options.Topics)
        {
            CheckWindow(topic.Name, topic.DuplicateDetectionWindow);
            Unique($"subscription of '{topic.Name}'", topic.Subscriptions.Select(s => s.Name));
            foreach (SubscriptionConfig subscription in topic.Subscriptions)
            {
                CheckName(subscription.Name);
                Check($"{topic.Name}/{subscription.Name}", subscription);
            }
        }
    }

    private static void Check(string name, MessageEntityConfig entity)
    {
        Require(name, "LockDuration", entity.LockDuration > TimeSpan.Zero && entity.LockDuration <= s_longestLock,
            $"more than 0 and at most {s_longestLock}");
        Require(name, "MaxDeliveryCount", entity.MaxDeliveryCount >= 1, "at least 1");
        Require(name, "MaxSizeBytes", entity.MaxSizeBytes >= 1, "at least 1");
        Require(name, "DefaultMessageTimeToLive",
            entity.DefaultMessageTimeToLive is not { } life || (life > TimeSpan.Zero && life <= s_longestLife),
            $"more than 0 and at most {s_longestLife}");
    }

    private static void CheckWindow(string name, TimeSpan? window) =>
        Require(name, "DuplicateDetectionWindow",
            window is not { } w || (w > TimeSpan.Zero && w <= s_longestWindow),
            $"more than 0 and at most {s_longestWindow}");

    private static void CheckName(string name)
    {
        if (!EntityName().IsMatch(name))
        {
            throw new ArgumentException(
                $"'{name}' is no entity name; use letters, digits, '.', '-' and '_', at most 50 characters.");
        }
    }

    private static void Unique(string what, IEnumerable<string> names)
    {
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"The {what} '{twice.Key}' is declared twice; remove one.");
    }

    private static void Require(string entity, string option, bool holds, string rule)
    {
        if (!holds) throw new ArgumentException($"{option} of '{entity}' has to be {rule}.");
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$")]
    private static partial Regex EntityName();
}
