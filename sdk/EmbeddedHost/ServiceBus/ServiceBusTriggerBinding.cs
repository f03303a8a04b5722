using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;

/// <summary>A queue, or a topic's subscription, of a connection.</summary>
/// <param name="Entity">The queue or the topic.</param>
internal sealed record ServiceBusTriggerBinding(
    string? Connection, string Entity, string? Subscription, bool AutoComplete) : TriggerBinding
{
    public override string Description => "serviceBusTrigger "
        + (Subscription is null ? $"(queue '{Entity}')" : $"(topic '{Entity}', subscription '{Subscription}')");

    public override string TriggerTypes => "ServiceBusReceivedMessage, BinaryData, byte[] or string";

    public static ServiceBusTriggerBinding Create(
        ServiceBusTriggerAttribute trigger, ParameterInfo parameter, IConfiguration configuration,
        HostSettings settings)
    {
        if (trigger.IsBatched) throw Unsupported(nameof(trigger.IsBatched));
        if (trigger.IsSessionsEnabled) throw Unsupported(nameof(trigger.IsSessionsEnabled));
        // An attribute can't tell false from not set; its metadata can.
        bool saysAutoComplete = parameter.CustomAttributes.Any(attribute => attribute.NamedArguments.Any(
            argument => argument.MemberName == nameof(ServiceBusTriggerAttribute.AutoCompleteMessages)));
        return new ServiceBusTriggerBinding(
            trigger.Connection,
            SettingExpression.Resolve((trigger.QueueName ?? trigger.TopicName)!, configuration),
            trigger.SubscriptionName is { } name ? SettingExpression.Resolve(name, configuration) : null,
            saysAutoComplete ? trigger.AutoCompleteMessages : settings.Processor.AutoCompleteMessages);
    }

    public override ParameterBinder? BindTrigger(Type type) =>
        type == typeof(ServiceBusReceivedMessage) ? static context => MessageOf(context)
        : type == typeof(BinaryData) ? static context => MessageOf(context).Body
        : type == typeof(byte[]) ? static context => MessageOf(context).Body.ToArray()
        : type == typeof(string) ? static context => MessageOf(context).Body.ToString()
        : null;

    public override ParameterBinder? BindOther(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(ServiceBusMessageActions)
            ? static context => ((ServiceBusDelivery)context.Payload).Actions
            : null;

    private static FunctionWorkerException Unsupported(string option) =>
        new($"sets {option}, which this host can't run: remove it");

    private static ServiceBusReceivedMessage MessageOf(EmbeddedFunctionContext context) =>
        ((ServiceBusDelivery)context.Payload).Message;
}
