using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

/// <summary>Notes how a message was settled.</summary>
internal sealed class RecordingActions : ServiceBusMessageActions
{
    public List<string> Settled { get; } = [];

    public override Task CompleteMessageAsync(
        ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Note($"completed {message.MessageId}");

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, Dictionary<string, object>? propertiesToModify = null,
        string? deadLetterReason = null, string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        Note($"dead-lettered {message.MessageId}: {deadLetterReason}, {deadLetterErrorDescription}");

    private Task Note(string what)
    {
        Settled.Add(what);
        return Task.CompletedTask;
    }
}
