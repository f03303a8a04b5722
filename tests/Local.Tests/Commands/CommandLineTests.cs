using System.Diagnostics;
using System.Text.Json;
using Pipeline.Local.Commands;
using Pipeline.Local.Environments;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Commands { get; } =
    [
        "demo", "up", "check", "push", "status", "explain", "routes", "history", "fleet", "approve", "cancel", "retry",
        "rollback", "withdraw", "pin", "unpin", "pause", "resume", "events", "deadletters", "bench",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfEachCommand_IsPrintedAndListedAtTheRoot(string command)
    {
        CommandRun help = await CommandRun.StartAsync(command, "--help");
        CommandRun root = await CommandRun.StartAsync("--help");

        Assert.Equal(ExitCodes.Ok, help.ExitCode);
        Assert.Contains($"./pipeline {command}", help.Output, StringComparison.Ordinal);
        Assert.Contains("--json", help.Output, StringComparison.Ordinal);
        Assert.Contains($"\n  {command}", root.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Required command")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("push", "--model")]
    [InlineData("push no-such-file --model m --version 1", "no-such-file")]
    [InlineData("push /dev/null --model Bad_Name --version 1", "--model is 'Bad_Name'")]
    [InlineData("push /dev/null --model m --version .1", "--version is '.1'")]
    [InlineData("status Bad_Name", "MODEL is 'Bad_Name'")]
    [InlineData("history nowhere", "TARGET is 'nowhere'")]
    [InlineData("rollback m", "--reason")]
    [InlineData("withdraw m", "--reason")]
    [InlineData("pin m", "--reason")]
    [InlineData("approve m", "approve")]
    [InlineData("up --edges 65", "--edges is '65'")]
    [InlineData("up --workers x", "--workers")]
    [InlineData("up --simulate-gpu", "--simulate-gpu")]
    [InlineData("up --simulate-gpu sm_75,sm_9", "--simulate-gpu names 'sm_9'; write GPU targets")]
    [InlineData("up --simulate-gpu sm_75 --simulate-gpu sm_75", "--simulate-gpu names 'sm_75' twice")]
    public async Task CommandLine_CannotBeRead_SaysWhyWithExitCode2(string arguments, string fault)
    {
        CommandRun run = await CommandRun.StartAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains(fault, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("status m 1")]
    [InlineData("explain m 1")]
    [InlineData("routes")]
    [InlineData("history cpu-x64-avx2")]
    [InlineData("fleet")]
    [InlineData("approve m 1")]
    [InlineData("cancel m 1")]
    [InlineData("retry m 1")]
    [InlineData("rollback m --reason bad")]
    [InlineData("pause m")]
    [InlineData("resume m")]
    [InlineData("events")]
    [InlineData("push /dev/null --model m --version 1")]
    public async Task Command_NoEnvironmentRuns_SaysSoWithExitCode3(string arguments)
    {
        CommandRun plain = await CommandRun.StartAsync([.. arguments.Split(' '), "--data", folder.Root]);
        CommandRun json = await CommandRun.StartAsync([.. arguments.Split(' '), "--data", folder.Root, "--json"]);

        Assert.Equal((ExitCodes.NoEnvironment, ExitCodes.NoEnvironment), (plain.ExitCode, json.ExitCode));
        Assert.Contains($"No environment runs on '{folder.Root}'", plain.Error, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Contains(
            "./pipeline up", document.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_EnvironmentFileIsStale_SaysThatNoneRuns()
    {
        using Process self = Process.GetCurrentProcess();
        EnvironmentFile.Write(new EnvironmentDescription
        {
            DataDirectory = folder.Root,
            ProcessId = self.Id,
            ProcessStartedAt = DateTimeOffset.UnixEpoch,
            Storage = "",
            ServiceBus = "",
            Functions = new Uri("http://127.0.0.1:1/"),
            Edges = [],
            Lanes = [],
            Processes = System.Collections.Immutable.ImmutableSortedDictionary<string, int>.Empty,
        });

        Assert.Equal(ExitCodes.NoEnvironment, (await CommandRun.StartAsync("routes", "--data", folder.Root)).ExitCode);
    }

    [Fact]
    public async Task Up_FolderIsInUse_IsRefused()
    {
        using var held = new FileStream(
            folder.PathOf(".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        CommandRun run = await CommandRun.StartAsync("up", "--data", folder.Root);

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains($"An environment runs on '{folder.Root}' already", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
