using System.Numerics;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Pinned memory of the host for one input or output, and, where it is wanted, memory of the device of the same size. It grows by
/// doubling and stays, so that runs allocate nothing once they are warm. Nothing may be under way on it when it grows.
/// </summary>
internal sealed class StagedMemory(OrtCuda cuda, bool onDevice) : IDisposable
{
    private const uint CapacityMinimum = 4096;

    private PinnedMemory? host;
    private DeviceMemory? device;

    public nint HostAddress => host!.Address;

    public nint DeviceAddress => device!.Address;

    /// <summary>The host's side.</summary>
    public Span<byte> Span(int bytes) => host!.Span[..bytes];

    /// <summary>Makes room for so many bytes; true when the addresses are other ones now.</summary>
    /// <exception cref="CudaException">There is not that much.</exception>
    public bool Reserve(int bytes)
    {
        if (host is not null && bytes <= host.Bytes) return false;
        Dispose();
        int capacity = (int)Math.Min(Math.Max(CapacityMinimum, BitOperations.RoundUpToPowerOf2((uint)bytes)), int.MaxValue);
        if (onDevice)
        {
            device = new DeviceMemory(capacity);
            cuda.CountBuffer(capacity);
        }

        // Last: without it nothing counts as reserved.
        host = new PinnedMemory(capacity);
        return true;
    }

    /// <summary>Enqueues the copy of the first bytes to the device.</summary>
    public void CopyToDevice(CudaStream stream, int bytes)
    {
        if (bytes > 0) stream.Copy(host!, device!, bytes);
    }

    /// <summary>Enqueues the copy of so many bytes of a device's memory to the host's side.</summary>
    public void CopyFromDevice(CudaStream stream, nint from, int bytes)
    {
        if (bytes > 0) stream.CopyFromDevice(from, host!, bytes);
    }

    public void Dispose()
    {
        host?.Dispose();
        host = null;
        if (device is null) return;
        cuda.CountBuffer(-device.Bytes);
        device.Dispose();
        device = null;
    }
}
