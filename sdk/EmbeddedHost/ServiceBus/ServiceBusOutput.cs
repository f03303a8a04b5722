using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;

/// <summary>Sends what a function with <see cref="ServiceBusOutputAttribute"/> returns.</summary>
internal sealed class ServiceBusOutput(ServiceBusConnections connections, IConfiguration configuration)
{
    private readonly ConcurrentDictionary<(string?, string), ServiceBusSender> _senders = [];

    /// <param name="result">A string, an array of them, or null, which sends nothing.</param>
    public async Task SendAsync(ServiceBusOutputAttribute target, object? result, CancellationToken cancellationToken)
    {
        ServiceBusMessage[] messages = [.. MessagesOf(result)];
        if (messages.Length == 0) return;
        ServiceBusSender sender = _senders.GetOrAdd(
            (target.Connection, SettingExpression.Resolve(target.QueueOrTopicName, configuration)),
            key => connections.Get(key.Item1).CreateSender(key.Item2));
        await sender.SendMessagesAsync(messages, cancellationToken);
    }

    /// <summary>One message a string, in the current trace.</summary>
    public static IEnumerable<ServiceBusMessage> MessagesOf(object? result)
    {
        IEnumerable<string> bodies = result switch
        {
            string text when IsArray(text) => throw new InvalidOperationException(
                "The function returned a string that is a JSON array, which the official host sends as one message an "
                + "element: return string[] to say so."),
            string text => [text],
            string[] texts => texts,
            _ => [],
        };
        foreach (string body in bodies)
        {
            var message = new ServiceBusMessage(body);
            if (Activity.Current is { Id: { } id, IdFormat: ActivityIdFormat.W3C } span)
            {
                message.ApplicationProperties["Diagnostic-Id"] = id;
                message.ApplicationProperties["traceparent"] = id;
                if (span.TraceStateString is { Length: > 0 } state) message.ApplicationProperties["tracestate"] = state;
            }

            yield return message;
        }
    }

    private static bool IsArray(string text)
    {
        if (!text.TrimStart().StartsWith('[')) return false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
