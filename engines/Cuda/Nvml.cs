using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Core.Gates;

namespace Pipeline.Engines.Cuda;

/// <summary>
/// What NVIDIA's management library tells: the driver's version and clocks. It comes with the driver; where it is missing, everything
/// here is null. Thread-safe.
/// </summary>
public static unsafe class Nvml
{
    private const int TextBytes = 96;
    private const int SmClock = 1;
    private const int MemoryClock = 2;

    private static readonly Lazy<Functions?> Loaded = new(Load);

    /// <summary>Such as <c>580.95.05</c>.</summary>
    public static string? DriverVersion { get; } = ReadDriverVersion();

    /// <summary>The clocks of a GPU at this moment.</summary>
    /// <param name="uuid">As <see cref="CudaDevice.Uuid"/>.</param>
    public static DeviceClocks? ReadClocks(string uuid)
    {
        if (Loaded.Value is not { } nvml) return null;
        nint device;
        fixed (byte* text = Encoding.ASCII.GetBytes(uuid + "\0"))
        {
            if (((delegate* unmanaged<byte*, nint*, int>)nvml.DeviceByUuid)(text, &device) != 0) return null;
        }

        int? sm = Clock(nvml.Clock, device, SmClock);
        int? smMaximum = Clock(nvml.MaximumClock, device, SmClock);
        int? memory = Clock(nvml.Clock, device, MemoryClock);
        int? memoryMaximum = Clock(nvml.MaximumClock, device, MemoryClock);
        if (sm is null || smMaximum is null || memory is null || memoryMaximum is null) return null;
        return new DeviceClocks
        {
            SmMegahertz = sm.Value,
            SmMaximumMegahertz = smMaximum.Value,
            MemoryMegahertz = memory.Value,
            MemoryMaximumMegahertz = memoryMaximum.Value,
        };
    }

    private static int? Clock(nint read, nint device, int kind)
    {
        uint megahertz;
        return ((delegate* unmanaged<nint, int, uint*, int>)read)(device, kind, &megahertz) == 0 ? (int)megahertz : null;
    }

    private static string? ReadDriverVersion()
    {
        if (Loaded.Value is not { } nvml) return null;
        byte* text = stackalloc byte[TextBytes];
        int status = ((delegate* unmanaged<byte*, uint, int>)nvml.DriverVersion)(text, TextBytes);
        return status == 0 ? Marshal.PtrToStringUTF8((nint)text) : null;
    }

    /// <summary>It stays loaded until the process ends.</summary>
    private static Functions? Load()
    {
        string name = OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";
        if (!NativeLibrary.TryLoad(name, out nint library)) return null;
        bool complete = NativeLibrary.TryGetExport(library, "nvmlInit_v2", out nint initialize);
        complete &= NativeLibrary.TryGetExport(library, "nvmlSystemGetDriverVersion", out nint driverVersion);
        complete &= NativeLibrary.TryGetExport(library, "nvmlDeviceGetHandleByUUID", out nint deviceByUuid);
        complete &= NativeLibrary.TryGetExport(library, "nvmlDeviceGetClockInfo", out nint clock);
        complete &= NativeLibrary.TryGetExport(library, "nvmlDeviceGetMaxClockInfo", out nint maximumClock);
        return complete && ((delegate* unmanaged<int>)initialize)() == 0
            ? new Functions(driverVersion, deviceByUuid, clock, maximumClock)
            : null;
    }

    private sealed record Functions(nint DriverVersion, nint DeviceByUuid, nint Clock, nint MaximumClock);
}
