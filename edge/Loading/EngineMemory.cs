using System.Collections.Concurrent;
using Pipeline.Core.Routing;
using Pipeline.Engines;
using Pipeline.Engines.Cuda;

namespace Pipeline.Edge.Loading;

/// <summary>
/// What engines need and what there is: memory of the device where the backend loads into one, which other processes take of
/// too, else of this process. Called by the applier's loop and by loads.
/// </summary>
internal sealed class EngineMemory(IEngineBackend backend, EdgeOptions options)
{
    // By digest: a load that ran out of memory shows that its figure was too small.
    private readonly ConcurrentDictionary<string, long> foundTooSmall = new(StringComparer.Ordinal);
    private bool? isOfADevice;

    /// <summary>Whether engines are loaded into a device's memory.</summary>
    public bool IsOfADevice => isOfADevice ??= HasADevice();

    /// <summary>
    /// What an engine takes of the memory that it is loaded into: on a device what was measured, and where nobody measured it,
    /// as in a process, its weights and their packed copies.
    /// </summary>
    public long NeedOf(RoutedEngine engine)
    {
        long estimate = 2 * Math.Min(engine.SizeBytes, RoutedEngine.DeviceMemoryBytesMaximum);
        if (!IsOfADevice) return estimate;
        long need = Math.Clamp(engine.DeviceMemoryBytes ?? estimate, 1, RoutedEngine.DeviceMemoryBytesMaximum);
        return Math.Max(need, foundTooSmall.GetValueOrDefault(engine.EngineDigest));
    }

    /// <summary>What an engine takes of the process's own memory.</summary>
    public long ProcessBytesOf(RoutedEngine engine) => IsOfADevice ? 0 : NeedOf(engine);

    /// <summary>What engines may still take.</summary>
    /// <param name="keptBytes">Set aside for another engine.</param>
    /// <exception cref="EngineFaultException">MemoryExceeded: the device does not tell.</exception>
    public MemoryRoom Room(LoadFigures figures, long stuckBytes, long keptBytes)
    {
        // Before the free memory: an engine that ends between the two then counts in both, and not in neither.
        long draining = figures.DrainingDeviceMemoryBytes;
        if (Read() is { } device)
        {
            string kept = keptBytes > 0 ? $" and {keptBytes} are set aside for another engine" : "";
            return new(
                device.FreeBytes - options.DeviceMemoryReserveBytes - keptBytes, draining,
                $"of the device's {device.TotalBytes} bytes {device.FreeBytes} are free, "
                + $"of which {options.DeviceMemoryReserveBytes} stay in reserve{kept}");
        }

        long taken = figures.LoadedMemoryBytes + figures.DrainingMemoryBytes + stuckBytes + keptBytes;
        return new(
            options.MemoryLimitBytes - taken, figures.DrainingMemoryBytes,
            $"{taken} are in use and the limit is {options.MemoryLimitBytes}");
    }

    /// <summary>A load ran out of the device's memory: it is tried again when more is free than there was.</summary>
    /// <param name="before">As <see cref="ReadFreeBytes"/> told before that load.</param>
    public void NoteTooSmall(string digest, long? before)
    {
        if (before is { } free) foundTooSmall[digest] = free - options.DeviceMemoryReserveBytes + 1;
    }

    /// <summary>Of the device; null where there is none, or where it does not tell.</summary>
    public long? ReadFreeBytes()
    {
        try
        {
            return Read()?.FreeBytes;
        }
        catch (EngineFaultException)
        {
            return null;
        }
    }

    /// <summary>Memory of the device; null where there is none.</summary>
    /// <exception cref="EngineFaultException">MemoryExceeded: it does not tell.</exception>
    public DeviceMemoryState? Read()
    {
        try
        {
            return backend.ReadDeviceMemory();
        }
        catch (Exception e) when (e is EngineException or CudaException)
        {
            throw new EngineFaultException(
                new(EngineFaultKind.MemoryExceeded, $"The device does not tell how much memory is free: {e.Message}"), e);
        }
    }

    // One that does not tell now is a device all the same.
    private bool HasADevice()
    {
        try
        {
            return Read() is not null;
        }
        catch (EngineFaultException)
        {
            return true;
        }
    }
}
