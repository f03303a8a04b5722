using System.Globalization;

namespace Pipeline.GpuWorker.Building;

/// <summary>Says in words how a process ended that did not end well. Pure.</summary>
internal static class ProcessEnd
{
    // What .NET and shells make of a signal.
    private const int SignalBase = 128;
    private const int SignalMaximum = 64;

    /// <summary>A part of a sentence, such as <c>was killed by signal 11 (SIGSEGV, a wrong memory access)</c>.</summary>
    public static string Describe(int exitCode) => exitCode switch
    {
        > SignalBase and <= SignalBase + SignalMaximum => $"was ended by signal {exitCode - SignalBase}{Name(exitCode - SignalBase)}",
        // Windows: the number of the exception.
        < 0 => string.Create(CultureInfo.InvariantCulture, $"crashed with code 0x{exitCode:X8}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"exited with code {exitCode} and no result"),
    };

    private static string Name(int signal) => signal switch
    {
        4 => " (SIGILL, an instruction that this processor lacks)",
        6 => " (SIGABRT, it gave up by itself)",
        7 => " (SIGBUS, a wrong memory access)",
        8 => " (SIGFPE, a wrong calculation)",
        9 => " (SIGKILL, most often the system's, for want of memory)",
        11 => " (SIGSEGV, a wrong memory access)",
        15 => " (SIGTERM)",
        _ => "",
    };
}
