using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engines.Cuda;

/// <summary>Memory of the current device, aligned to 256 bytes.</summary>
public sealed class DeviceMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <exception cref="CudaException">There is not that much.</exception>
    public DeviceMemory(long bytes)
        : base(ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Bytes = bytes;
        CudaException.ThrowIfFailed(NativeMethods.Allocate(out nint address, (nuint)bytes), "cudaMalloc");
        SetHandle(address);
    }

    public long Bytes { get; }

    /// <summary>Valid until it is disposed.</summary>
    public nint Address => handle;

    /// <summary>What the current device has free and in all, in bytes.</summary>
    public static DeviceMemoryState Available()
    {
        CudaException.ThrowIfFailed(NativeMethods.MemoryInfo(out nuint free, out nuint total), "cudaMemGetInfo");
        return new((long)free, (long)total);
    }

    protected override bool ReleaseHandle() => NativeMethods.Free(handle) == 0;
}
