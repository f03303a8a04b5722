using System.Diagnostics;
using System.Text;

namespace Pipeline.Local.Processes;

/// <summary>
/// One run of a child: its output goes to a log file, its end is a task. It runs in a session of its own, so that
/// Ctrl-C reaches only the supervisor, and the kernel kills it when the supervisor dies, however that happens.
/// </summary>
internal sealed class ChildProcess
{
    private const int TailLines = 20;
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Queue<string> tail = new();
    private readonly TaskCompletionSource readyLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? readyPrefix;

    private ChildProcess(Process process, StreamWriter log, string? readyPrefix)
    {
        this.process = process;
        this.log = log;
        this.readyPrefix = readyPrefix;
        Exited = PumpAsync();
    }

    public int Id => process.Id;

    /// <summary>Ends with the exit code once the process is gone and its log is written.</summary>
    public Task<int> Exited { get; }

    /// <summary>Ends once the line that <see cref="ReadyLine"/> waits for was printed.</summary>
    public Task ReadyLinePrinted => readyLine.Task;

    public static async Task<ChildProcess> StartAsync(ChildSpec spec, string logPath)
    {
        var startInfo = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        string[] command = [.. Leash, spec.FileName, .. spec.Arguments];
        startInfo.FileName = command[0];
        foreach (string argument in command[1..]) startInfo.ArgumentList.Add(argument);
        foreach ((string name, string value) in spec.Environment) startInfo.Environment[name] = value;

        var log = new StreamWriter(new FileStream(logPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            AutoFlush = true,
        };
        try
        {
            Process process = await SpawnThread.StartAsync(startInfo);
            return new ChildProcess(process, log, (spec.Readiness as ReadyLine)?.Prefix);
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    public string Tail()
    {
        lock (tail) return string.Join('\n', tail);
    }

    /// <summary>Asks the process to stop, and kills it when it has not within the grace time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (!process.HasExited) NativeMethods.Terminate(Id);
        try
        {
            await Exited.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
    }

    public async Task KillAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await Exited;
    }

    // setsid: a session of its own. setpriv: the kernel sends KILL when the parent thread ends. Both belong to
    // util-linux; where they are missing, only an orderly stop takes the children along.
    private static string[] Leash { get; } =
        File.Exists("/usr/bin/setsid") && File.Exists("/usr/bin/setpriv")
            ? ["/usr/bin/setsid", "/usr/bin/setpriv", "--pdeathsig", "KILL", "--"]
            : [];

    private async Task<int> PumpAsync()
    {
        process.StandardInput.Close();
        Task output = Task.WhenAll(PumpAsync(process.StandardOutput), PumpAsync(process.StandardError));
        await process.WaitForExitAsync();
        // A grandchild may hold the output open; the rest of it is not waited for.
        await Task.WhenAny(output, Task.Delay(OutputGrace));
        if (output.IsCompleted) await log.DisposeAsync();
        return process.ExitCode;
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (tail)
            {
                log.WriteLine(line);
                tail.Enqueue(line);
                if (tail.Count > TailLines) tail.Dequeue();
            }

            if (readyPrefix is not null && line.StartsWith(readyPrefix, StringComparison.Ordinal))
                readyLine.TrySetResult();
        }
    }
}
