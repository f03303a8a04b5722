using System.Runtime.InteropServices;

namespace Pipeline.Local.Processes;

internal static partial class NativeMethods
{
    private const int SignalTerminate = 15;

    /// <summary>Asks a process to stop; one that is gone already is no error.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, SignalTerminate);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
