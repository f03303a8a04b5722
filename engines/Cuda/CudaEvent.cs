using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engines.Cuda;

/// <summary>A moment in a stream.</summary>
public sealed class CudaEvent : SafeHandleZeroOrMinusOneIsInvalid
{
    private const uint BlockingSync = 1;
    private const uint DisableTiming = 2;

    /// <param name="timed">Whether <see cref="MillisecondsSince"/> is asked; recording is cheaper without.</param>
    /// <exception cref="CudaException">It cannot be made.</exception>
    public CudaEvent(bool timed = true)
        : base(ownsHandle: true)
    {
        // Blocking, not spinning: the processors belong to those who have work.
        uint flags = BlockingSync | (timed ? 0 : DisableTiming);
        CudaException.ThrowIfFailed(NativeMethods.CreateEvent(out nint created, flags), "cudaEventCreateWithFlags");
        SetHandle(created);
    }

    /// <summary>The moment after everything that is enqueued now.</summary>
    public void Record(CudaStream stream) => CudaException.ThrowIfFailed(NativeMethods.Record(this, stream), "cudaEventRecord");

    /// <summary>Waits for it.</summary>
    public void Synchronize() => CudaException.ThrowIfFailed(NativeMethods.Synchronize(this), "cudaEventSynchronize");

    /// <summary>The device's own time between two events that have happened; about half a microsecond exact.</summary>
    public double MillisecondsSince(CudaEvent start)
    {
        CudaException.ThrowIfFailed(NativeMethods.Elapsed(out float milliseconds, start, this), "cudaEventElapsedTime");
        return milliseconds;
    }

    protected override bool ReleaseHandle() => NativeMethods.DestroyEvent(handle) == 0;
}
