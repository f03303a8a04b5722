namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Keeps captures alone in the process. ONNX Runtime captures in CUDA's global mode, in which a memory allocation or a wait of any
/// other thread fails and spoils the capture. All other work with CUDA enters together.
/// </summary>
internal static class CaptureGate
{
    /// <summary>How long a capture waits for the others; while it waits, nothing else begins.</summary>
    private static readonly TimeSpan CaptureWait = TimeSpan.FromMilliseconds(20);

    private static readonly ReaderWriterLockSlim Gate = new();

    /// <summary>Enters alone if that is wished and can be had soon, otherwise with all others. Leave with <see cref="Leave"/>.</summary>
    /// <returns>Whether it is alone.</returns>
    public static bool Enter(bool alone)
    {
        if (alone && Gate.TryEnterWriteLock(CaptureWait)) return true;
        Gate.EnterReadLock();
        return false;
    }

    public static void Leave(bool alone)
    {
        if (alone) Gate.ExitWriteLock();
        else Gate.ExitReadLock();
    }
}
