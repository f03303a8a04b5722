using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Calls the function for each message of a queue or of a topic's subscription.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute
{
    public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

    public ServiceBusTriggerAttribute(string topicName, string subscriptionName) =>
        (TopicName, SubscriptionName) = (topicName, subscriptionName);

    public string? QueueName { get; }

    public string? TopicName { get; }

    public string? SubscriptionName { get; }

    /// <summary>The setting, or the prefix of the settings, that say where the namespace is.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether a message is completed after the function returns; not set: what host.json says.</summary>
    public bool AutoCompleteMessages { get; set; }

    public bool IsBatched { get; set; }

    public bool IsSessionsEnabled { get; set; }
}
