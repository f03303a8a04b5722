namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a Service Bus name stands for.</summary>
public enum ServiceBusEntityType
{
    Queue = 0,
    Topic = 1,
}
