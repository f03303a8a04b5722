using System.CommandLine;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud;
using Pipeline.Core.Json;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;

namespace Pipeline.Local.Commands;

/// <summary><c>events</c>: prints what the topic carries, until Ctrl-C.</summary>
internal static class EventsCommand
{
    /// <summary>The subscription for people who listen; it takes every event.</summary>
    public const string Subscription = "follow";

    private static readonly string[] Places = ["model", "version", "lane", "target"];

    public static Command Create() =>
        new Command("events", "Follow the pipeline's events until Ctrl-C (with --json: one document a line)")
            .Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using RunningEnvironment environment = session.OpenEnvironment();
        ServiceBusReceiver receiver = environment.ServiceBus.CreateReceiver(
            EntityNames.EventsTopic, Subscription,
            new ServiceBusReceiverOptions
            {
                ReceiveMode = environment.IsDeployed ? ServiceBusReceiveMode.PeekLock : ServiceBusReceiveMode.ReceiveAndDelete,
            });
        if (!session.Json) session.Narrator.Say("Following events; Ctrl-C ends it.");
        IAsyncEnumerable<ServiceBusReceivedMessage> messages = environment.IsDeployed
            ? EventPeek.FollowAsync(receiver, TimeProvider.System, cancellationToken)
            : receiver.ReceiveMessagesAsync(cancellationToken);
        await using (receiver)
        {
            try
            {
                await foreach (ServiceBusReceivedMessage message in messages)
                {
                    await CommandSession.Out.WriteLineAsync(LineOf(session.Json, message));
                    await CommandSession.Out.FlushAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C is how this command ends.
            }
        }

        return ExitCodes.Ok;
    }

    private static string LineOf(bool json, ServiceBusReceivedMessage message)
    {
        JsonElement? cloudEvent = PipelineJson.TryRead<JsonDocument>(message.Body, out _)?.RootElement;
        if (cloudEvent is not { ValueKind: JsonValueKind.Object } body)
            return json ? JsonSerializer.Serialize(new { text = message.Body.ToString() }) : message.Body.ToString();
        if (json) return JsonSerializer.Serialize(body);
        string type = TextOf(body, "type") ?? "?";
        JsonElement data = body.TryGetProperty("data", out JsonElement inner) ? inner : default;
        string where = string.Join(' ', Places.Select(n => TextOf(data, n)).OfType<string>());
        string? why = TextOf(data, "reason") ?? TextOf(data, "message");
        return $"{Moments.Of(message.EnqueuedTime)}  {type}  {where}  {why}".TrimEnd();
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) &&
        value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
