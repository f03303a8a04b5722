using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>
/// A loaded plan, shared by its engine and all that runs it, and unloaded when the last of them is done: contexts make native ones
/// when shapes come that they have none for, also after the engine was disposed.
/// </summary>
internal sealed class SharedPlan(PlanHandle handle, PlanDescription description, TensorRtOptions options)
{
    private int holders = 1;
    private string? captureFailure;

    public PlanHandle Handle => handle;

    public PlanDescription Description => description;

    public TensorRtOptions Options => options;

    /// <summary>Why a run could not be captured as a CUDA graph, the first time; null while nothing failed.</summary>
    public string? CaptureFailure => Volatile.Read(ref captureFailure);

    public void TellCaptureFailure(string why) => Interlocked.CompareExchange(ref captureFailure, why, null);

    /// <exception cref="ObjectDisposedException">Nobody holds it any more.</exception>
    public SharedPlan Hold()
    {
        int now = Volatile.Read(ref holders);
        while (now > 0)
        {
            int before = Interlocked.CompareExchange(ref holders, now + 1, now);
            if (before == now) return this;
            now = before;
        }

        throw new ObjectDisposedException(nameof(SharedPlan));
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0) handle.Dispose();
    }
}
