using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engines.Cuda;

/// <summary>Work that was captured once and is launched whole: one call instead of one for each kernel.</summary>
public sealed class CudaGraph : SafeHandleZeroOrMinusOneIsInvalid
{
    private CudaGraph(nint executable)
        : base(ownsHandle: true) => SetHandle(executable);

    /// <summary>
    /// Captures what <paramref name="enqueue"/> puts on the stream. Addresses and shapes are fixed by it. What cannot be captured
    /// fails here, and the stream is usable again.
    /// </summary>
    /// <exception cref="CudaException">Something in it cannot be captured. What <paramref name="enqueue"/> throws comes first.</exception>
    public static CudaGraph Capture(CudaStream stream, Action enqueue)
    {
        ArgumentNullException.ThrowIfNull(enqueue);
        CudaException.ThrowIfFailed(NativeMethods.BeginCapture(stream, CaptureMode.ThreadLocal), "cudaStreamBeginCapture");
        nint graph = 0;
        bool isEnqueued = false;
        try
        {
            try
            {
                enqueue();
                isEnqueued = true;
            }
            finally
            {
                // Also after a failure: a stream that is left capturing takes no work.
                int ended = NativeMethods.EndCapture(stream, out graph);
                // What failed before says more, and is on its way; then CUDA need not remember this one.
                if (!isEnqueued) _ = NativeMethods.LastError();
                else if (graph == 0) CudaException.ThrowIfFailed(ended, "cudaStreamEndCapture");
            }

            CudaException.ThrowIfFailed(NativeMethods.Instantiate(out nint executable, graph, 0), "cudaGraphInstantiate");
            return new CudaGraph(executable);
        }
        finally
        {
            if (graph != 0) _ = NativeMethods.DestroyGraph(graph);
        }
    }

    /// <summary>Enqueues all of it.</summary>
    public void Launch(CudaStream stream) => CudaException.ThrowIfFailed(NativeMethods.Launch(this, stream), "cudaGraphLaunch");

    protected override bool ReleaseHandle() => NativeMethods.DestroyExecutable(handle) == 0;
}
