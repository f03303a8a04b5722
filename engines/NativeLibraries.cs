using System.Reflection;
using System.Runtime.InteropServices;

namespace Pipeline.Engines;

/// <summary>
/// Finds what this assembly imports: the CUDA runtime (libcudart 13 or 12, by versioned name), the driver's library, and the
/// TensorRT shim of this process. None is needed to load the assembly: a machine without them learns so from a probe. One resolver,
/// since an assembly can have no second.
/// </summary>
internal static class NativeLibraries
{
    public const string CudaRuntime = "cudart";
    public const string CudaDriver = "cuda";
    public const string TensorRtShim = "pipeline_trt";

    private static readonly string[] CudaRuntimes = OperatingSystem.IsWindows()
        ? ["cudart64_13.dll", "cudart64_12.dll"]
        : ["libcudart.so.13", "libcudart.so.12"];

    private static readonly string[] CudaDrivers = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1"];

    private static readonly Lock Gate = new();
    private static bool isPrepared;
    private static nint shim;
    private static bool isRealCudaUsed;

    /// <summary>Whether the double of the TensorRT shim stands in for the CUDA libraries, too.</summary>
    public static bool IsSimulated { get; private set; }

    /// <summary>Makes the imports of this assembly work; called before the first of them.</summary>
    public static void Prepare()
    {
        lock (Gate)
        {
            if (isPrepared) return;
            NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
            isPrepared = true;
        }
    }

    /// <summary>
    /// Makes a loaded library the shim of this process, for good: what an import is bound to stays. False when it cannot be, because
    /// this process already works with a real GPU, or with another shim.
    /// </summary>
    /// <param name="standsInForCuda">The double: it is the CUDA runtime and the driver as well.</param>
    public static bool TryUseShim(nint library, bool standsInForCuda)
    {
        lock (Gate)
        {
            if (shim != 0 || (standsInForCuda && isRealCudaUsed)) return false;
            shim = library;
            IsSimulated = standsInForCuda;
            return true;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        lock (Gate)
        {
            // What is thrown for 0 names the library; probes make a sentence of it.
            return name switch
            {
                TensorRtShim => shim,
                CudaRuntime => IsSimulated ? shim : RealCuda(CudaRuntimes, assembly, path),
                CudaDriver => IsSimulated ? shim : RealCuda(CudaDrivers, assembly, path),
                _ => 0,
            };
        }
    }

    private static nint RealCuda(string[] candidates, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (string candidate in candidates)
        {
            if (!NativeLibrary.TryLoad(candidate, assembly, path, out nint handle)) continue;
            isRealCudaUsed = true;
            return handle;
        }

        return 0;
    }
}
