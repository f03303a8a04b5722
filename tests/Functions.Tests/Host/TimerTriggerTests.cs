using Microsoft.Extensions.Logging;

namespace Pipeline.Functions.Tests.Host;

public sealed class TimerTriggerTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);
    private readonly TestTimeProvider _time = new(Start);

    [Fact]
    public async Task Schedule_WhenDue_RunsOnTimeAndTellsTheNext()
    {
        await using TestHost host = await TestHost.With(time: _time).RunAsync(typeof(TimerSamples.EveryMinute));

        await PassAsync(TimeSpan.FromSeconds(30));
        await host.Journal.HasAsync(1);
        await PassAsync(TimeSpan.FromMinutes(1));
        await host.Journal.HasAsync(2);

        DateTime first = Start.UtcDateTime.AddSeconds(30);
        DateTime second = first.AddMinutes(1);
        Assert.Equal([(first, second, false), (second, second.AddMinutes(1), false)], host.Journal.Notes);
    }

    [Fact]
    public async Task Run_LongerThanItsInterval_IsFollowedByOneThatIsPastDue()
    {
        await using TestHost host = await TestHost.With(time: _time, arguments: ["--Reconcile:Schedule=00:00:10"])
            .RunAsync(typeof(TimerSamples.Slow));

        await PassAsync(TimeSpan.FromSeconds(10));
        await host.Journal.HasAsync(1);
        _time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal([false], host.Journal.Notes);
        host.Journal.Gate.Release(2);
        await host.Journal.HasAsync(4);
        await PassAsync(TimeSpan.FromSeconds(10));
        await host.Journal.HasAsync(5);

        Assert.Equal([false, "done", true, "done", false], host.Journal.Notes);
        host.Journal.Gate.Release();
    }

    [Fact]
    public async Task Run_ThatFails_IsLoggedAndTheTimerGoesOn()
    {
        await using TestHost host = await TestHost.With(time: _time).RunAsync(typeof(TimerSamples.Failing));

        await host.Journal.HasAsync(1);
        await PassAsync(TimeSpan.FromSeconds(5));
        await host.Journal.HasAsync(2);

        Assert.Equal([true, true], host.Journal.Notes);
        await Eventually.HoldsAsync(() => host.Logs.Lines.Count(l => l.Level == LogLevel.Error) == 2, "two errors");
    }

    [Fact]
    public async Task Stop_WithATimerRunning_LetsItFinish()
    {
        await using TestHost host = await TestHost.With(time: _time, arguments: ["--Reconcile:Schedule=00:00:10"])
            .RunAsync(typeof(TimerSamples.Slow));

        await PassAsync(TimeSpan.FromSeconds(10));
        await host.Journal.HasAsync(1);
        Task stop = host.Host.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stop.IsCompleted);
        host.Journal.Gate.Release();
        await stop;

        Assert.Equal([false, "done"], host.Journal.Notes);
    }

    // The listener asks for its timer on a thread of its own.
    private async Task PassAsync(TimeSpan by)
    {
        await _time.WaitForTimerAsync(by);
        _time.Advance(by);
    }
}
