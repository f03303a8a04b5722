using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;
using Pipeline.Engines.TensorRt.Native;
using Pipeline.Testing;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>
/// The double of TensorRT and CUDA, which this whole process works with where it is built: native calls, other hardware. Its program
/// is the process's, so tests that use it share one collection, which nothing runs beside.
/// </summary>
[CollectionDefinition(nameof(SimulatedGpu), DisableParallelization = true)]
public static unsafe class SimulatedGpu
{
    public const string Runtime = "trt-11.1.0.106-simulated";

    public static string LibraryPath { get; } = Repository.PathOf("artifacts", "native", "libpipeline_trt_double.so");

    /// <summary>Objects and allocations that the double has given out and that are not released.</summary>
    public static long LiveObjects => ((delegate* unmanaged<long>)Export("engine_double_live_objects"))();

    /// <summary>Sizes and offsets of the header's structs, as the C++ compiler has them.</summary>
    public static string Layout => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Export("engine_double_layout"))())!;

    public static TensorRtOptions Options { get; } = new();

    /// <summary>At the start, so that no test finds the machine's own CUDA libraries first.</summary>
    [ModuleInitializer]
    internal static void UseDouble()
    {
        if (File.Exists(LibraryPath)) ShimLibrary.Use(LibraryPath);
    }

    public static TensorRtBackend Backend(TensorRtOptions? options = null, string runtime = Runtime) =>
        new(runtime, options ?? Options, new OnnxRuntimeOptions { IntraOpThreads = 1 });

    /// <summary>Skips the test where the double is not built; otherwise makes it what the text says.</summary>
    public static void Program(string text)
    {
        Assert.SkipUnless(
            File.Exists(LibraryPath), "The TensorRT double is not built: './pipeline' does where cmake and a C++ compiler are.");
        nint utf8 = Marshal.StringToCoTaskMemUTF8(text);
        int status = ((delegate* unmanaged<nint, int>)Export("engine_double_program"))(utf8);
        Marshal.FreeCoTaskMem(utf8);
        Assert.Equal(0, status);
    }

    /// <summary>Objects alive once nothing of an earlier test is left for finalizers.</summary>
    public static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return LiveObjects;
    }

    private static nint Export(string name) => NativeLibrary.GetExport(NativeLibrary.Load(LibraryPath), name);
}
