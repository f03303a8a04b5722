using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

/// <summary>Timers that the host's tests watch.</summary>
public static class TimerSamples
{
    public sealed class EveryMinute(Journal journal, TimeProvider time)
    {
        [Function("EveryMinute")]
        public void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) =>
            journal.Note((time.GetUtcNow().UtcDateTime, timer.ScheduleStatus!.Next, timer.IsPastDue));
    }

    public sealed class Slow(Journal journal)
    {
        [Function("Slow")]
        public async Task RunAsync(
            [TimerTrigger("%Reconcile:Schedule%")] TimerInfo timer, CancellationToken cancellation)
        {
            journal.Note(timer.IsPastDue);
            await journal.Gate.WaitAsync(cancellation);
            journal.Note("done");
        }
    }

    public sealed class Failing(Journal journal)
    {
        [Function("Failing")]
        public Task RunAsync([TimerTrigger("00:00:05", RunOnStartup = true, UseMonitor = false)] TimerInfo timer)
        {
            journal.Note(timer.ScheduleStatus is null);
            throw new InvalidOperationException("not now");
        }
    }
}
