using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Pipeline.Core.Json;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>A build's child process as its parent sees it: hands it its order, reads what it says, and ends it.</summary>
internal sealed class BuildProcess : IDisposable
{
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(2);

    // A process that waits for a broken device cannot be ended, and must not hold the worker for ever.
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly IProgress<EngineBuildProgress>? progress;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource reading = new();
    private readonly Task talking;
    private readonly Task ordering;

    public BuildProcess(Process process, byte[] order, IProgress<EngineBuildProgress>? progress)
    {
        (this.process, this.progress) = (process, progress);
        talking = Task.WhenAll(ReadAnswersAsync(), ReadLogAsync());
        ordering = OrderAsync(order);
    }

    /// <summary>How the build ended; null when the process never said it.</summary>
    public BuildEnd? End { get; private set; }

    public LogTail Log { get; } = new();

    /// <summary>Only once it is ended.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>Waits until the build is over, and then no longer than the patience for the process to exit.</summary>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task exit = process.WaitForExitAsync(cancellationToken);
        // Native libraries may hang in their last clean-up; what was built is built.
        await Task.WhenAny(exit, ended.Task);
        if (ended.Task.IsCompleted)
            await exit.WaitAsync(patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await exit;
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Sees to it that the process and all that it started have ended: asks it first, unless it has told its end.
    /// </summary>
    /// <exception cref="IOException">It cannot be ended.</exception>
    public async Task EndAsync(TimeSpan patience)
    {
        if (!process.HasExited && End is null && ordering.IsCompleted)
        {
            await CloseInputAsync();
            await process.WaitForExitAsync().WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Kill();
        await process.WaitForExitAsync().WaitAsync(KillPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
            throw new IOException($"The build process {process.Id} cannot be ended; this machine's driver or disk needs a look.");
        // What it said is in the pipes. A process of its own that it left behind may keep them open.
        reading.CancelAfter(LastWordsPatience);
        await Task.WhenAll(talking, ordering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        process.Dispose();
        reading.Dispose();
    }

    private void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended meanwhile.
        }
    }

    private async Task OrderAsync(byte[] order)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(order);
            await process.StandardInput.BaseStream.FlushAsync();
        }
        catch (IOException)
        {
            // It ended before it read its order; its exit says why.
        }
    }

    private async Task CloseInputAsync()
    {
        try
        {
            await process.StandardInput.DisposeAsync();
        }
        catch (IOException)
        {
            // It has ended meanwhile.
        }
    }

    private async Task ReadAnswersAsync()
    {
        await foreach (string line in BoundedLines.ReadAsync(process.StandardOutput, BuildAnswer.LengthMaximum, reading.Token))
        {
            if (Read(line) is not { } answer)
            {
                Log.Add(line);
                continue;
            }

            if (answer.Progress is { } step) progress?.Report(step);
            if (answer.End is null || End is not null) continue;
            End = answer.End;
            ended.TrySetResult();
        }
    }

    private static BuildAnswer? Read(string line) =>
        line.StartsWith('{') ? PipelineJson.TryRead<BuildAnswer>(Encoding.UTF8.GetBytes(line), out _) : null;

    private async Task ReadLogAsync()
    {
        await foreach (string line in BoundedLines.ReadAsync(process.StandardError, LogTail.LineLengthMaximum, reading.Token))
            Log.Add(line);
    }
}
