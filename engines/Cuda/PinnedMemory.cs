using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engines.Cuda;

/// <summary>Memory of the host that the device copies from and to directly.</summary>
public sealed class PinnedMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <exception cref="CudaException">There is not that much.</exception>
    public PinnedMemory(int bytes)
        : base(ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Bytes = bytes;
        CudaException.ThrowIfFailed(NativeMethods.AllocateHost(out nint address, (nuint)bytes), "cudaMallocHost");
        SetHandle(address);
    }

    public int Bytes { get; }

    /// <summary>Valid until it is disposed.</summary>
    public nint Address => handle;

    /// <summary>Its bytes, valid until it is disposed.</summary>
    public unsafe Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, Bytes);
        }
    }

    protected override bool ReleaseHandle() => NativeMethods.FreeHost(handle) == 0;
}
