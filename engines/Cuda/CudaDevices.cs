using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Pipeline.Engines.Cuda;

/// <summary>The GPUs of this machine, its driver and its CUDA runtime.</summary>
public sealed record CudaDevices
{
    private const int MajorAttribute = 75;
    private const int MinorAttribute = 76;
    private const int MultiprocessorsAttribute = 16;
    private const int NoDevice = 100;
    private const string NoGpu = "There is no NVIDIA GPU.";
    private const int NameBytes = 256;
    private const int UuidBytes = 16;

    public required ImmutableArray<CudaDevice> Devices { get; init; }

    /// <summary>Newest CUDA version that the driver runs, such as <c>13.0</c>; null without a driver.</summary>
    public string? DriverVersion { get; init; }

    /// <summary>Version of libcudart, such as <c>13.0</c>; null without it.</summary>
    public string? RuntimeVersion { get; init; }

    /// <summary>Whether a double stands in for the driver and the runtime: what looks like a GPU is this machine's memory.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Why no GPU can be used; null when one can.</summary>
    public string? Problem { get; init; }

    /// <summary>Looks. Does not throw: what is missing is in the answer.</summary>
    public static CudaDevices Find()
    {
        try
        {
            int status = NativeMethods.DriverInitialize(0);
            if (status == NoDevice) return None(NoGpu);
            if (status != 0) return None($"The NVIDIA driver does not start: CUDA error {status} (cuInit).");
            ImmutableArray<CudaDevice> devices = [.. Enumerate()];
            var found = new CudaDevices
            {
                Devices = devices,
                IsSimulated = NativeLibraries.IsSimulated,
                RuntimeVersion = Version(NativeMethods.RuntimeVersion(out int runtime), runtime),
                DriverVersion = Version(NativeMethods.DriverVersion(out int driver), driver),
            };
            if (devices.IsEmpty) return found with { Problem = NoGpu };
            // CUDA runs on a driver of its own major or a newer one.
            return runtime / 1000 <= driver / 1000
                ? found
                : found with { Problem = $"CUDA {found.RuntimeVersion} needs a newer driver; this one runs up to {found.DriverVersion}." };
        }
        catch (DllNotFoundException)
        {
            return None("libcuda.so.1 (the NVIDIA driver) or libcudart.so.13 or .12 (the CUDA runtime) is not on the library path.");
        }
        catch (EntryPointNotFoundException e)
        {
            return None($"The NVIDIA driver or the CUDA runtime is too old: {e.Message}");
        }
    }

    /// <summary>Makes a device the one that this thread works with.</summary>
    /// <exception cref="CudaException">There is none, or it cannot be used.</exception>
    public static void Use(int ordinal) => CudaException.ThrowIfFailed(NativeMethods.SetDevice(ordinal), "cudaSetDevice");

    private static CudaDevices None(string problem) => new() { Devices = [], Problem = problem };

    private static IEnumerable<CudaDevice> Enumerate()
    {
        if (NativeMethods.DriverDeviceCount(out int count) != 0) yield break;
        for (int ordinal = 0; ordinal < count; ordinal++)
        {
            if (NativeMethods.DriverDevice(out int device, ordinal) == 0) yield return Describe(ordinal, device);
        }
    }

    private static CudaDevice Describe(int ordinal, int device)
    {
        Span<byte> name = stackalloc byte[NameBytes];
        Span<byte> uuid = stackalloc byte[UuidBytes];
        _ = NativeMethods.DriverDeviceName(name, NameBytes, device);
        _ = NativeMethods.DriverDeviceUuid(uuid, device);
        _ = NativeMethods.DriverDeviceMemory(out nuint memory, device);
        int end = name.IndexOf((byte)0);
        return new CudaDevice
        {
            Ordinal = ordinal,
            Name = Encoding.UTF8.GetString(name[..Math.Max(0, end)]),
            Uuid = $"GPU-{new Guid(uuid, bigEndian: true)}",
            Major = Attribute(MajorAttribute, device),
            Minor = Attribute(MinorAttribute, device),
            Multiprocessors = Attribute(MultiprocessorsAttribute, device),
            MemoryBytes = (long)memory,
        };
    }

    private static int Attribute(int attribute, int device) =>
        NativeMethods.DriverDeviceAttribute(out int value, attribute, device) == 0 ? value : 0;

    // 13020 is 13.2.
    private static string? Version(int status, int version) =>
        status == 0 ? string.Create(CultureInfo.InvariantCulture, $"{version / 1000}.{version % 1000 / 10}") : null;
}
