using System.Collections.Concurrent;
using System.Diagnostics;

namespace Pipeline.Local.Processes;

/// <summary>
/// The one thread that starts children. Linux kills a child that asked for it when the thread that started it ends, not
/// the process; so that thread must live as long as the process does, which a pool thread does not.
/// </summary>
internal static class SpawnThread
{
    private static readonly BlockingCollection<Action> Work = Start();

    public static Task<Process> StartAsync(ProcessStartInfo startInfo)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(startInfo)!);
            }
#pragma warning disable CA1031 // Whatever stops the start belongs to the caller, not to this thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    private static BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (Action action in work.GetConsumingEnumerable()) action();
        })
        {
            IsBackground = true,
            Name = "spawn",
        }.Start();
        return work;
    }
}
