using Pipeline.Testing;

namespace Pipeline.Cloud.Tests;

/// <summary>The fixtures that other tests lean on.</summary>
public sealed class TestingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Child_ThatIsTerminated_MayStopByItself()
    {
        await using ChildProcess child = ChildProcess.Start(
            "bash", ["-c", "trap 'echo stopping; exit 7' TERM; echo ready $X; while :; do read -t 1 <> <(:); done"],
            new Dictionary<string, string?> { ["X"] = "yes" });
        string ready = await child.WaitForLineAsync(
            l => l.StartsWith("ready", StringComparison.Ordinal), "it is ready", Cancel);
        Assert.Equal("ready yes", ready);

        child.Terminate();

        Assert.Equal(7, await child.WaitForExitAsync(Cancel));
        Assert.Contains("stopping", child.Lines);
    }

    [Fact]
    public async Task Child_ThatExitsWithoutTheLine_SaysWhatItWrote()
    {
        await using ChildProcess child = ChildProcess.Start("bash", ["-c", "echo broken >&2; exit 3"]);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => child.WaitForLineAsync(l => l == "ready", "it is ready", Cancel));

        Assert.Contains("exited with 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_ThatIsDisposed_TakesItsOwnChildrenAlong()
    {
        ChildProcess child = ChildProcess.Start("bash", ["-c", "sleep 600 & echo $!; wait"]);
        int grandchild = int.Parse(await child.WaitForLineAsync(_ => true, "it has a child", Cancel), null);

        await child.DisposeAsync();

        await Eventually.Async(_ => Task.FromResult(!IsRunning(grandchild)), "the grandchild ends", Cancel);
    }

    [Fact]
    public async Task Condition_ThatNeverHolds_EndsAtTheDeadline()
    {
        var error = await Assert.ThrowsAsync<TimeoutException>(() => Eventually.Async(
            _ => Task.FromResult(false), "pigs fly", Cancel, TimeSpan.FromMilliseconds(50)));

        Assert.Contains("pigs fly", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clock_ThatIsMoved_FiresTimersInOrder()
    {
        var clock = new TestTimeProvider();
        DateTimeOffset start = clock.GetUtcNow();
        var fired = new List<(string, TimeSpan)>();
        await using ITimer once = clock.CreateTimer(
            _ => fired.Add(("once", clock.GetUtcNow() - start)),
            null,
            TimeSpan.FromSeconds(3),
            Timeout.InfiniteTimeSpan);
        await using ITimer often = clock.CreateTimer(
            _ => fired.Add(("often", clock.GetUtcNow() - start)),
            null,
            TimeSpan.FromSeconds(2),
            TimeSpan.FromSeconds(2));
        Task delay = Task.Delay(TimeSpan.FromSeconds(5), clock, Cancel);

        clock.Advance(TimeSpan.FromSeconds(4.5));

        Assert.Equal(
            [("often", TimeSpan.FromSeconds(2)), ("once", TimeSpan.FromSeconds(3)), ("often", TimeSpan.FromSeconds(4))],
            fired);
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.5));
        await delay;
        Assert.Equal(TimeSpan.FromSeconds(5), clock.GetElapsedTime(start.UtcTicks));
    }

    private static bool IsRunning(int processId)
    {
        string status = $"/proc/{processId}/stat";
        try
        {
            // A killed process whose parent has not asked for it yet is a zombie, and gone for our purposes.
            return !File.ReadAllText(status).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
