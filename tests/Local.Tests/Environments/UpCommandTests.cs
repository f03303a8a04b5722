using System.Diagnostics;
using Pipeline.Core.Json;
using Pipeline.Local.Commands;
using Pipeline.Local.Environments;
using Pipeline.Local.Tests.Commands;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Environments;

/// <summary>
/// The life of <c>up</c>, with the parts that need no model: storage, Service Bus, bridge and functions.
/// </summary>
public sealed class UpCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Up_Terminated_StopsEveryProcessAndResumesWhatWasThere()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string key;
        await using (ChildProcess up = Start())
        {
            EnvironmentDescription environment = await WaitUntilUpAsync(up);
            key = await File.ReadAllTextAsync(folder.PathOf("keys", "trusted.pem"), cancellationToken);
            Assert.Equal(["azurite", "bridge", "functions", "servicebus"], environment.Processes.Keys);
            CommandRun second = await CommandRun.StartAsync("up", "--data", folder.Root);
            Assert.Equal(ExitCodes.Failed, second.ExitCode);
            CommandRun status = await CommandRun.StartAsync("status", "--data", folder.Root, "--json");
            Assert.Equal((ExitCodes.Ok, ""), (status.ExitCode, status.Error));

            up.Terminate();

            Assert.Equal(ExitCodes.Ok, await up.WaitForExitAsync(cancellationToken));
            Assert.All(environment.Processes.Values, id => Assert.False(IsRunning(id)));
            Assert.Equal(
                ExitCodes.NoEnvironment, (await CommandRun.StartAsync("status", "--data", folder.Root)).ExitCode);
        }

        await using (ChildProcess again = Start())
        {
            await WaitUntilUpAsync(again);
            Assert.Equal(key, await File.ReadAllTextAsync(folder.PathOf("keys", "trusted.pem"), cancellationToken));
        }
    }

    [Fact]
    public async Task Up_Killed_LeavesNoProcessBehind()
    {
        await using ChildProcess up = Start();
        EnvironmentDescription environment = await WaitUntilUpAsync(up);

        // Only the supervisor, not the tree: what a crash or the system's memory guard would do.
        using (Process process = Process.GetProcessById(up.Id)) process.Kill();

        await Eventually.Async(
            _ => Task.FromResult(!environment.Processes.Values.Any(IsRunning)),
            "every process is gone", TestContext.Current.CancellationToken);
    }

    public void Dispose() => folder.Dispose();

    private ChildProcess Start() => ChildProcess.Start(
        RepositoryLayout.Program("Local"),
        ["up", "--data", folder.Root, "--edges", "0", "--workers", "0"]);

    private async Task<EnvironmentDescription> WaitUntilUpAsync(ChildProcess up)
    {
        await up.WaitForLineAsync(
            line => line.StartsWith("The pipeline is up", StringComparison.Ordinal), "the pipeline is up",
            TestContext.Current.CancellationToken);
        return PipelineJson.Read<EnvironmentDescription>(await File.ReadAllBytesAsync(
            EnvironmentFile.PathIn(folder.Root), TestContext.Current.CancellationToken));
    }

    // A process that has ended and was not waited for by its parent yet still has its id.
    private static bool IsRunning(int id)
    {
        string stat = $"/proc/{id}/stat";
        try
        {
            return !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
