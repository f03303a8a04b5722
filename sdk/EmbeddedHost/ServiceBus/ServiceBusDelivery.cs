using Azure.Messaging.ServiceBus;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;

/// <summary>A message and what settles it.</summary>
internal sealed record ServiceBusDelivery(ServiceBusReceivedMessage Message, ServiceBusMessageActions Actions);
