namespace Pipeline.Local.Processes;

/// <summary>
/// A child over all its runs: started, watched, started again after a crash with a growing pause, stopped.
/// </summary>
internal sealed class SupervisedChild(
    ChildSpec spec, string logPath, Action<string> say, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim gate = new(1);
    private CancellationTokenSource watching = new();
    private ChildProcess? process;
    private Task watch = Task.CompletedTask;

    public ChildSpec Spec => spec;

    /// <summary>Id of the present run; null when none runs.</summary>
    public int? ProcessId => process is { Exited.IsCompleted: false } running ? running.Id : null;

    /// <summary>Starts the child and waits until it is ready.</summary>
    /// <exception cref="ChildFailedException">It ended early, or was not ready in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (ProcessId is not null) return;
            await StopWatchingAsync();
            await SpawnAsync(cancellationToken);
            watching.Dispose();
            watching = new CancellationTokenSource();
            watch = spec.RestartsAfterCrash ? WatchAsync(watching.Token) : Task.CompletedTask;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Stops the child for good: first by asking, then by force.</summary>
    public Task StopAsync() => EndAsync(child => child.StopAsync(Grace));

    /// <summary>Kills the child as a crash would; it stays down until <see cref="StartAsync"/>.</summary>
    public Task KillAsync() => EndAsync(child => child.KillAsync());

    /// <summary>Kills the present run only; the watch starts the child again as after any crash.</summary>
    public Task CrashAsync() => process is { } running ? running.KillAsync() : Task.CompletedTask;

    public void Dispose()
    {
        watching.Dispose();
        gate.Dispose();
    }

    private async Task EndAsync(Func<ChildProcess, Task> end)
    {
        await gate.WaitAsync();
        try
        {
            await StopWatchingAsync();
            if (process is not null) await end(process);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task StopWatchingAsync()
    {
        await watching.CancelAsync();
        await watch;
    }

    private async Task SpawnAsync(CancellationToken cancellationToken)
    {
        ChildProcess started = await ChildProcess.StartAsync(spec, logPath);
        process = started;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReadyDeadline);
        Task ready = ReadinessProbe.WaitAsync(started, spec.Readiness, deadline.Token);
        await Task.WhenAny(ready, started.Exited);
        if (ready.IsCompletedSuccessfully && (spec.Readiness is ReadyAtOnce || !started.Exited.IsCompleted)) return;

        await deadline.CancelAsync();
        bool endedByItself = started.Exited.IsCompleted;
        await started.KillAsync();
        cancellationToken.ThrowIfCancellationRequested();
        throw new ChildFailedException(
            (endedByItself
                ? $"'{spec.Name}' ended with exit code {await started.Exited} before it was ready."
                : $"'{spec.Name}' was not ready after {ReadyDeadline.TotalSeconds:0} s.")
            + $" Its log is '{logPath}'; the end of it:\n{Indent(started.Tail())}");
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstPause;
        long startedAt = time.GetTimestamp();
        try
        {
            while (true)
            {
                int exitCode = await process!.Exited.WaitAsync(cancellationToken);
                if (time.GetElapsedTime(startedAt) > LongestPause) pause = FirstPause;
                string when = $"{pause.TotalSeconds:0.#} s";
                say($"'{spec.Name}' ended with exit code {exitCode}; it is started again in {when}.");
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                startedAt = time.GetTimestamp();
                try
                {
                    await SpawnAsync(cancellationToken);
                    say($"'{spec.Name}' runs again.");
                }
                catch (ChildFailedException e)
                {
                    say(e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The child is stopped on purpose: nothing is left to watch.
        }
    }

    private static string Indent(string text) =>
        text.Length == 0 ? "  (empty)" : "  " + text.Replace("\n", "\n  ", StringComparison.Ordinal);
}
