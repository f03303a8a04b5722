using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>
/// Where a tensor is during a run: pinned memory of the host, and device memory beside it unless TensorRT reads the host's.
/// </summary>
internal sealed class TensorBuffer(PlanTensor tensor) : IDisposable
{
    private const long Granularity = 256;

    private PinnedMemory? pinned;
    private DeviceMemory? device;

    /// <summary>Bytes that fit.</summary>
    public long Capacity => pinned?.Bytes ?? 0;

    /// <summary>What TensorRT is given; valid until it grows.</summary>
    public nint Address => tensor.IsOnHost ? pinned!.Address : device!.Address;

    /// <summary>The host's side, valid until it grows.</summary>
    public Span<byte> Span => pinned!.Span;

    /// <summary>Makes room; the old contents are gone, and the addresses are others.</summary>
    /// <exception cref="EngineException">OutOfMemory, or RunFailed beyond 2 GB.</exception>
    public void Grow(long bytes)
    {
        // Half more than asked, so that shapes which rise step by step do not allocate at each step.
        long ample = Math.Max(bytes, Math.Min(Capacity + (Capacity / 2), int.MaxValue - Granularity));
        long rounded = Math.Max(Granularity, (ample + Granularity - 1) / Granularity * Granularity);
        if (rounded > int.MaxValue)
            throw new EngineException(EngineErrorKind.RunFailed, $"Tensor '{tensor.Name}' has {bytes} bytes; at most 2 GB can be read.");
        Dispose();
        try
        {
            if (!tensor.IsOnHost) device = new DeviceMemory(rounded);
            pinned = new PinnedMemory((int)rounded);
        }
        catch (CudaException e)
        {
            Dispose();
            throw Native.ShimErrors.From(e, $"There is no memory for the {rounded} bytes of tensor '{tensor.Name}'");
        }
    }

    public void EnqueueToDevice(CudaStream stream, long bytes)
    {
        if (!tensor.IsOnHost && bytes > 0) stream.Copy(pinned!, device!, bytes);
    }

    public void EnqueueToHost(CudaStream stream, long bytes)
    {
        if (!tensor.IsOnHost && bytes > 0) stream.Copy(device!, pinned!, bytes);
    }

    public void Dispose()
    {
        device?.Dispose();
        pinned?.Dispose();
        (device, pinned) = (null, null);
    }
}
