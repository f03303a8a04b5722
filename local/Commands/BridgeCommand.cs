using System.CommandLine;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Local.Bridge;

namespace Pipeline.Local.Commands;

/// <summary>The hidden command behind <c>up</c> that turns uploads into blob events.</summary>
internal static class BridgeCommand
{
    private static readonly Option<FileInfo> Cursor = new("--cursor") { Required = true };

    public static Command Create() =>
        new Command("bridge", "Turn uploads into blob events") { Cursor }.Hide().Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        CloudOptions options = new ConfigurationBuilder().AddEnvironmentVariables().Build()
            .GetSection(CloudOptions.Section).Get<CloudOptions>() ?? new CloudOptions();
        await using var clients = new CloudClients(options);
        await using ServiceBusSender queue = clients.ServiceBus.CreateSender(EntityNames.BlobEventsQueue);
        var bridge = new UploadBridge(
            clients.Container(EntityNames.ModelsContainer),
            queue,
            new BridgeCursorFile(session.Get(Cursor)!.FullName),
            TimeProvider.System);
        session.Narrator.Say("bridge ready");
        try
        {
            await bridge.RunAsync(session.Narrator.Say, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop: nothing is left half done, since the cursor is written after the events are sent.
        }

        return ExitCodes.Ok;
    }
}
