using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Sends the function's return value, a string or an array of strings, as messages.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class ServiceBusOutputAttribute(
    string queueOrTopicName, ServiceBusEntityType entityType = ServiceBusEntityType.Queue) : OutputBindingAttribute
{
    public string QueueOrTopicName { get; } = queueOrTopicName;

    public ServiceBusEntityType EntityType { get; set; } = entityType;

    /// <summary>The setting, or the prefix of the settings, that say where the namespace is.</summary>
    public string? Connection { get; set; }
}
