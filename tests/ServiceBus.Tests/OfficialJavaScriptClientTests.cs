using System.Diagnostics;
using Pipeline.Local.ServiceBus;
using Pipeline.Testing;

namespace Pipeline.ServiceBus.Tests;

public sealed class OfficialJavaScriptClientTests
{
    [Fact]
    public async Task EveryStep_OfTheScript_Holds()
    {
        await using RunningEmulator running = await RunningEmulator.StartAsync(new()
        {
            DataDirectory = "",
            Queues =
            [
                new()
                {
                    Name = "q",
                    LockDuration = TimeSpan.FromSeconds(2),
                    MaxDeliveryCount = 2,
                    DuplicateDetectionWindow = TimeSpan.FromMinutes(10),
                },
            ],
            Topics =
            [
                new()
                {
                    Name = "events",
                    Subscriptions =
                    [
                        new() { Name = "built", Rules = CorrelationRule.AnyOf("type", "built") },
                        new() { Name = "all" },
                    ],
                },
            ],
        });
        string script = Repository.PathOf("tests", "ServiceBus.Tests", "official-client.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, running.Emulator.ConnectionString])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            Task<string> output = node.StandardOutput.ReadToEndAsync(RunningEmulator.Cancel);
            Task<string> errors = node.StandardError.ReadToEndAsync(RunningEmulator.Cancel);
            await node.WaitForExitAsync(RunningEmulator.Cancel)
                .WaitAsync(TimeSpan.FromMinutes(2), RunningEmulator.Cancel);
            Assert.True(node.ExitCode == 0, $"{await output}{await errors}");
            Assert.Equal(9, (await output).Split('\n').Count(l => l.StartsWith("ok ", StringComparison.Ordinal)));
        }
        finally
        {
            if (!node.HasExited) node.Kill(entireProcessTree: true);
        }
    }
}
