using Pipeline.Engines.Cuda;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;
using Pipeline.Testing;

namespace Pipeline.Engines.Tests.Cuda;

/// <summary>Has this process work with the double of CUDA, whose device memory is the host's, where no GPU is.</summary>
internal static class SimulatedCuda
{
    private static readonly Lazy<bool> Used = new(Use);

    public static void Require() => Assert.SkipUnless(Used.Value, "The double is not built (native/testing/double), or this machine has a GPU.");

    private static bool Use()
    {
        string path = Repository.PathOf("artifacts", "native", "libpipeline_trt_double.so");
        if (!File.Exists(path)) return false;
        _ = new TensorRtBackend("trt-11-simulated", new TensorRtOptions { LibraryPath = path }, new OnnxRuntimeOptions()).Probe();
        return CudaDevices.Find() is { IsSimulated: true, Problem: null };
    }
}
