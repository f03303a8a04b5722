using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Pipeline.Local.Environments;

namespace Pipeline.Bench.Reporting;

/// <summary>What a number has to be read with.</summary>
internal sealed record MachineFacts
{
    public required string Processor { get; init; }

    public required int Processors { get; init; }

    public required long MemoryBytes { get; init; }

    public required string System { get; init; }

    public required string DotNet { get; init; }

    /// <summary>With <c>+changes</c> behind it when the tree had some.</summary>
    public required string Commit { get; init; }

    /// <summary>Processes that wanted to run in the last minute: above the processors, others disturb the numbers.</summary>
    public required string LoadAverage { get; init; }

    public static MachineFacts Read() => new()
    {
        Processor = FirstLine("/proc/cpuinfo", "model name")?.Split(':', 2)[^1].Trim() ?? "unknown",
        Processors = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        System = RuntimeInformation.OSDescription,
        DotNet = RuntimeInformation.FrameworkDescription,
        Commit = ReadCommit(),
        LoadAverage = FirstLine("/proc/loadavg", "")?.Split(' ')[0] ?? "unknown",
    };

    public override string ToString() =>
        $"{Processor}, {Processors} processors, {MemoryBytes >> 20} MiB, {DotNet}, {System}; commit {Commit}; " +
        $"load average {LoadAverage}";

    private static string? FirstLine(string path, string start) => File.Exists(path)
        ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))
        : null;

    private static string ReadCommit()
    {
        try
        {
            string commit = Git("rev-parse", "--short=12", "HEAD");
            return Git("status", "--porcelain", "--untracked-files=no") == "" ? commit : $"{commit}+changes";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return "unknown";
        }
    }

    private static string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = RepositoryLayout.Root,
            RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : throw new InvalidOperationException("git has no answer here.");
    }
}
