using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pipeline.Testing;

/// <summary>
/// A program that a test started. Every line of its output is kept; disposing ends it and what it started itself, and
/// nothing else.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = new();

    private ChildProcess(Process process) => this.process = process;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Only once it has exited.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>What it wrote so far, standard output and error in the order in which they came.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    public string Output => string.Join('\n', lines);

    /// <param name="program">A path, or a name that PATH finds.</param>
    /// <param name="arguments">Passed as they are, without a shell.</param>
    /// <param name="environment">Added to the test's own environment; null removes a variable.</param>
    /// <param name="workingFolder">Default: the test's own.</param>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingFolder = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingFolder ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            info.Environment[name] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = info });
        child.process.OutputDataReceived += child.Keep;
        child.process.ErrorDataReceived += child.Keep;
        child.process.Start();
        child.process.StandardInput.Close();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The first line, past or to come, that fits.</summary>
    /// <exception cref="InvalidOperationException">It exited without such a line.</exception>
    /// <exception cref="TimeoutException">No such line came within the deadline.</exception>
    public Task<string> WaitForLineAsync(
        Func<string, bool> fits, string what, CancellationToken cancellationToken, TimeSpan? deadline = null) =>
        Eventually.Async(
            async c =>
            {
                // Asked before the lines are read: output that comes with the exit must still be found.
                bool exited = process.HasExited;
                if (exited) await process.WaitForExitAsync(c);
                if (lines.FirstOrDefault(fits) is { } line) return line;
                return exited
                    ? throw new InvalidOperationException(
                        $"'{process.StartInfo.FileName}' exited with {ExitCode} before {what}:\n{Output}")
                    : null;
            },
            what,
            cancellationToken,
            deadline);

    /// <summary>Waits until it ends by itself; its exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken, TimeSpan? deadline = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(deadline ?? Eventually.Deadline);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"'{process.StartInfo.FileName}' did not exit:\n{Output}");
        }

        return process.ExitCode;
    }

    /// <summary>Asks it to stop, as Ctrl-C or an orchestrator does.</summary>
    public void Terminate()
    {
        const int SigTerm = 15;
        if (!process.HasExited && Kill(process.Id, SigTerm) != 0 && !process.HasExited)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Ends it at once, with everything it started, as a crash of the machine would.</summary>
    public void Kill() => process.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text) lines.Enqueue(text);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
