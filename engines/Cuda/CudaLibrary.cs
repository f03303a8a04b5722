using System.Reflection;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.Cuda;

/// <summary>
/// Finds the CUDA runtime (libcudart 13 or 12, by versioned name) and the driver's library. Neither is needed to load this assembly:
/// a machine without them learns so from <see cref="CudaDevices.Find"/>.
/// </summary>
internal static class CudaLibrary
{
    public const string Runtime = "cudart";
    public const string Driver = "cuda";

    private static readonly string[] Runtimes = OperatingSystem.IsWindows()
        ? ["cudart64_13.dll", "cudart64_12.dll"]
        : ["libcudart.so.13", "libcudart.so.12"];

    private static readonly string[] Drivers = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"];

    private static readonly Lazy<bool> Resolver = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(CudaLibrary).Assembly, Resolve);
        return true;
    });

    /// <summary>Makes the imports of <see cref="NativeMethods"/> work; called before the first of them.</summary>
    public static void Prepare() => _ = Resolver.Value;

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string[] candidates = name switch
        {
            Runtime => Runtimes,
            Driver => Drivers,
            _ => [],
        };
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out nint handle)) return handle;
        }

        // What is thrown for it names the library; CudaDevices makes a sentence of it.
        return 0;
    }
}
