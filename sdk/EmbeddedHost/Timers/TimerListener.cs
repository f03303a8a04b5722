using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;

/// <summary>
/// Runs timer functions when they are due. A timer never overlaps itself: what came due during a run is made up for
/// by one run right after it, which is past due.
/// </summary>
internal sealed class TimerListener(FunctionCatalog catalog, FunctionInvoker invoker, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(1);

    // Read here and not in ExecuteAsync, which starts some time after StartAsync has returned.
    private DateTime _start;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _start = Now;
        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        catalog.All.Where(f => f.Trigger is TimerTriggerBinding)
            .Select(f => RunAsync(f, (TimerTriggerBinding)f.Trigger, stoppingToken)));

    private async Task RunAsync(FunctionDescriptor function, TimerTriggerBinding trigger, CancellationToken stopping)
    {
        DateTime last = default;
        DateTime due = trigger.RunOnStartup ? _start : trigger.Schedule.NextAfter(_start);
        try
        {
            while (true)
            {
                await WaitUntilAsync(due, stopping);
                DateTime started = Now;
                DateTime next = trigger.Schedule.NextAfter(started);
                var status = new ScheduleStatus { Last = last, Next = next, LastUpdated = last };
                await RunOnceAsync(function, new TimerInfo
                {
                    IsPastDue = started - due >= Lateness,
                    ScheduleStatus = trigger.UseMonitor ? status : null,
                });
                (last, due) = (started, next);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops: nothing is due any more.
        }
    }

    // A stop ends the waits, not the run: that has the grace of every invocation.
    private async Task RunOnceAsync(FunctionDescriptor function, TimerInfo info)
    {
        try
        {
            await invoker.InvokeAsync(new Invocation(function, info, ActivityKind.Internal), CancellationToken.None);
        }
        catch (Exception)
        {
            // It is in the log; the timer goes on.
        }
    }

    private async Task WaitUntilAsync(DateTime due, CancellationToken stopping)
    {
        // Checked first, or a timer that is always late could never be stopped.
        stopping.ThrowIfCancellationRequested();
        while (due - Now is { Ticks: > 0 } wait)
            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping);
    }
}
