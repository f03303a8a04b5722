using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engines.Cuda;

/// <summary>
/// A CUDA stream of its own, which waits for no other: work on the default stream would synchronize the whole device. One thread at a
/// time.
/// </summary>
public sealed class CudaStream : SafeHandleZeroOrMinusOneIsInvalid
{
    private const uint NonBlocking = 1;

    /// <exception cref="CudaException">It cannot be made.</exception>
    public CudaStream()
        : base(ownsHandle: true)
    {
        CudaException.ThrowIfFailed(NativeMethods.CreateStream(out nint stream, NonBlocking), "cudaStreamCreateWithFlags");
        SetHandle(stream);
    }

    /// <summary>Waits until everything before is done.</summary>
    /// <exception cref="CudaException">Something before has failed.</exception>
    public void Synchronize() => CudaException.ThrowIfFailed(NativeMethods.Synchronize(this), "cudaStreamSynchronize");

    /// <summary>What is enqueued from now on waits for the event as last recorded.</summary>
    public void WaitFor(CudaEvent awaited) => CudaException.ThrowIfFailed(NativeMethods.Wait(this, awaited, 0), "cudaStreamWaitEvent");

    /// <summary>Enqueues a copy from pinned memory; bytes of both from their beginning.</summary>
    public void Copy(PinnedMemory from, DeviceMemory to, long bytes) =>
        Copy(to.Address, from.Address, Within(bytes, from.Bytes, to.Bytes), CopyKind.HostToDevice);

    /// <summary>Enqueues a copy into pinned memory; it is there after <see cref="Synchronize"/>.</summary>
    public void Copy(DeviceMemory from, PinnedMemory to, long bytes) =>
        Copy(to.Address, from.Address, Within(bytes, from.Bytes, to.Bytes), CopyKind.DeviceToHost);

    /// <summary>Enqueues a copy on the device.</summary>
    public void Copy(DeviceMemory from, DeviceMemory to, long bytes) =>
        Copy(to.Address, from.Address, Within(bytes, from.Bytes, to.Bytes), CopyKind.DeviceToDevice);

    /// <summary>Enqueues filling memory with a byte.</summary>
    public void Fill(DeviceMemory memory, byte value) =>
        CudaException.ThrowIfFailed(NativeMethods.Fill(memory.Address, value, (nuint)memory.Bytes, this), "cudaMemsetAsync");

    /// <summary>Enqueues a copy from memory of the device that another owner holds.</summary>
    internal void CopyFromDevice(nint from, PinnedMemory to, long bytes) =>
        Copy(to.Address, from, Within(bytes, bytes, to.Bytes), CopyKind.DeviceToHost);

    /// <summary>Ends a capture that somebody else began and failed to end; nothing where there is none.</summary>
    internal void AbandonCapture()
    {
        if (NativeMethods.EndCapture(this, out nint graph) != 0) _ = NativeMethods.LastError();
        if (graph != 0) _ = NativeMethods.DestroyGraph(graph);
    }

    protected override bool ReleaseHandle() => NativeMethods.DestroyStream(handle) == 0;

    private static long Within(long bytes, long from, long to) => bytes >= 0 && bytes <= from && bytes <= to
        ? bytes
        : throw new ArgumentOutOfRangeException(nameof(bytes), $"{bytes} bytes do not fit {from} and {to}.");

    private void Copy(nint to, nint from, long bytes, CopyKind kind) =>
        CudaException.ThrowIfFailed(NativeMethods.Copy(to, from, (nuint)bytes, kind, this), "cudaMemcpyAsync");
}
