using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Local.Processes;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Processes;

public sealed class SupervisorTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentQueue<string> said = new();
    private readonly Supervisor supervisor;

    public SupervisorTests() => supervisor = new Supervisor(folder.PathOf("logs"), said.Enqueue, TimeProvider.System);

    [Fact]
    public async Task Start_ChildEndsEarly_TellsExitCodeAndEndOfLog()
    {
        var e = await Assert.ThrowsAsync<ChildFailedException>(() => supervisor.StartAsync(
            Shell("bad", "echo first; echo no such lane >&2; exit 7") with { Readiness = new ReadyLine("ready") },
            TestContext.Current.CancellationToken));

        Assert.Contains("'bad' ended with exit code 7 before it was ready", e.Message, StringComparison.Ordinal);
        Assert.Contains("no such lane", e.Message, StringComparison.Ordinal);
        Assert.Empty(supervisor.Running);
    }

    [Fact]
    public async Task Start_ProgramIsMissing_Fails()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => supervisor.StartAsync(
            new ChildSpec { Name = "none", FileName = folder.PathOf("none"), Readiness = new ReadyLine("ready") },
            TestContext.Current.CancellationToken));

        Assert.Empty(supervisor.Running);
    }

    [Fact]
    public async Task Start_ReadyLinePrinted_ReturnsWithChildRunning()
    {
        await supervisor.StartAsync(Sleeper("a"), TestContext.Current.CancellationToken);

        Assert.Equal(["a"], supervisor.Running.Keys);
        string log = await File.ReadAllTextAsync(supervisor.LogPathOf("a"), TestContext.Current.CancellationToken);
        Assert.Equal("up", log.TrimEnd());
    }

    [Fact]
    public async Task Start_SettingsAreGiven_ReachTheChild()
    {
        ChildSpec spec = Shell("a", "echo \"up $COLOUR\"; exec sleep 1000") with
        {
            Environment = new Dictionary<string, string> { ["COLOUR"] = "blue" }.ToImmutableDictionary(),
            Readiness = new ReadyLine("up blue"),
        };

        await supervisor.StartAsync(spec, TestContext.Current.CancellationToken);

        Assert.Single(supervisor.Running);
    }

    [Fact]
    public async Task Crash_ChildIsSupervised_RunsAgainUnderNewId()
    {
        await supervisor.StartAsync(Sleeper("a"), TestContext.Current.CancellationToken);
        int before = supervisor.Running["a"];

        await supervisor.CrashAsync("a");

        await Eventually.Async(
            _ => Task.FromResult(supervisor.Running.TryGetValue("a", out int now) && now != before),
            "the child runs again", TestContext.Current.CancellationToken);
        Assert.Contains(said,
            s => s.Contains("'a' ended with exit code 137; it is started again in 0.5 s.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kill_ChildIsSupervised_StaysDownUntilStartedAgain()
    {
        await supervisor.StartAsync(Sleeper("a"), TestContext.Current.CancellationToken);

        await supervisor.KillAsync("a");
        Assert.Empty(supervisor.Running);

        await supervisor.StartAgainAsync("a", TestContext.Current.CancellationToken);
        Assert.Single(supervisor.Running);
        Assert.Empty(said);
    }

    [Fact]
    public async Task Dispose_SeveralChildren_StopInReverseOrder()
    {
        string order = folder.PathOf("order");
        foreach (string name in new[] { "first", "second", "third" })
        {
            await supervisor.StartAsync(
                Shell(name, $"trap 'echo {name} >> {order}; exit 0' TERM; echo up; while :; do sleep 0.05; done") with
                {
                    Readiness = new ReadyLine("up"),
                },
                TestContext.Current.CancellationToken);
        }

        await supervisor.DisposeAsync();

        Assert.Equal(
            ["third", "second", "first"], await File.ReadAllLinesAsync(order, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stop_ChildAnswersTerm_IsNotCalledACrash()
    {
        await supervisor.StartAsync(Sleeper("a"), TestContext.Current.CancellationToken);
        int id = supervisor.Running["a"];

        await supervisor.StopAsync("a");

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
        Assert.Empty(said);
    }

    [Fact]
    public async Task Start_PortIsOpened_WaitsForIt()
    {
        int port = FreePorts.Take();
        string server = "require('http').createServer((question, answer) => answer.end('ok'))";

        await supervisor.StartAsync(
            new ChildSpec
            {
                Name = "server",
                FileName = "node",
                Arguments = ["-e", $"setTimeout(() => {server}.listen({port}, '127.0.0.1'), 200)"],
                Readiness = new ReadyUrl(new Uri($"http://127.0.0.1:{port}/")),
            },
            TestContext.Current.CancellationToken);

        using var http = new HttpClient();
        Assert.Equal("ok",
            await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await supervisor.DisposeAsync();
        folder.Dispose();
    }

    private static ChildSpec Sleeper(string name) =>
        Shell(name, "echo up; exec sleep 1000") with { Readiness = new ReadyLine("up") };

    private static ChildSpec Shell(string name, string script) =>
        new() { Name = name, FileName = "/bin/sh", Arguments = ["-c", script] };
}
