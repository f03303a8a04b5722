using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

/// <summary>Functions that the host's tests hand messages to. Their connection leads nowhere.</summary>
public sealed class MessageSamples(Journal journal, ScopedThing thing)
{
    [Function("Settles")]
    public async Task SettlesAsync(
        [ServiceBusTrigger("%Queue%", Connection = "Bus", AutoCompleteMessages = true)]
        ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions, FunctionContext context, CancellationToken cancellation)
    {
        journal.Note(context.TraceContext.TraceParent);
        journal.Note(ReferenceEquals(context.InstanceServices.GetService(typeof(ScopedThing)), thing));
        if (message.Subject == "bad")
        {
            await actions.DeadLetterMessageAsync(message, null, "Bad", "no JSON", cancellation);
        }
        else
        {
            await actions.CompleteMessageAsync(message, cancellation);
        }
    }

    [Function("Text")]
    public void Text([ServiceBusTrigger("topic", "%Subscription%", Connection = "Bus")] string body) =>
        journal.Note(body);

    [Function("Data")]
    public void Data([ServiceBusTrigger("queue", Connection = "Bus")] BinaryData body) => journal.Note(body.ToString());

    [Function("Bytes")]
    public Task BytesAsync([ServiceBusTrigger("queue", Connection = "Bus")] byte[] body)
    {
        journal.Note(body.Length);
        return Task.CompletedTask;
    }

    [Function("Throws")]
    public static Task ThrowsAsync([ServiceBusTrigger("queue", Connection = "Bus")] string body) =>
        throw new InvalidOperationException(body);

    [Function("Forwards")]
    [ServiceBusOutput("%Queue%", Connection = "Bus")]
    public static string? Forwards([ServiceBusTrigger("queue", Connection = "Bus")] string body) =>
        body.Length == 0 ? null : body;
}
