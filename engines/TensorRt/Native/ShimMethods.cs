using System.Runtime.InteropServices;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.TensorRt.Native;

/// <summary>
/// The functions of native/include/engine_abi.h. They are bound to the one shim of this process, so <see cref="ShimLibrary"/> comes
/// first. Every status goes through <see cref="ShimErrors.ThrowIfFailed"/>, on the same thread and at once.
/// </summary>
internal static unsafe partial class ShimMethods
{
    private const string Shim = NativeLibraries.TensorRtShim;

    static ShimMethods() => NativeLibraries.Prepare();

    [LibraryImport(Shim, EntryPoint = "engine_last_error")]
    internal static partial byte* LastError();

    // TensorRT's libraries.
    [LibraryImport(Shim, EntryPoint = "engine_library_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial EngineStatus OpenLibrary(string? directory, out LibraryHandle library);

    [LibraryImport(Shim, EntryPoint = "engine_library_version")]
    internal static partial EngineStatus Version(LibraryHandle library, out NativeVersion version);

    [LibraryImport(Shim, EntryPoint = "engine_library_release")]
    internal static partial void ReleaseLibrary(nint library);

    // Bytes.
    [LibraryImport(Shim, EntryPoint = "engine_blob_data")]
    internal static partial nint BlobData(BlobHandle blob);

    [LibraryImport(Shim, EntryPoint = "engine_blob_bytes")]
    internal static partial ulong BlobBytes(BlobHandle blob);

    [LibraryImport(Shim, EntryPoint = "engine_blob_release")]
    internal static partial void ReleaseBlob(nint blob);

    // Building.
    [LibraryImport(Shim, EntryPoint = "engine_build")]
    internal static partial EngineStatus Build(
        LibraryHandle library, in NativeBuildOptions options, out BlobHandle plan, out BlobHandle timingCache, out BlobHandle layers);

    // Plans.
    [LibraryImport(Shim, EntryPoint = "engine_plan_load")]
    internal static partial EngineStatus LoadPlan(
        LibraryHandle library, void* bytes, ulong size, nint log, nint state, out PlanHandle plan);

    [LibraryImport(Shim, EntryPoint = "engine_plan_release")]
    internal static partial void ReleasePlan(nint plan);

    [LibraryImport(Shim, EntryPoint = "engine_plan_tensors")]
    internal static partial int TensorCount(PlanHandle plan);

    [LibraryImport(Shim, EntryPoint = "engine_plan_tensor")]
    internal static partial EngineStatus DescribeTensor(PlanHandle plan, int index, out NativeTensor tensor);

    [LibraryImport(Shim, EntryPoint = "engine_plan_profiles")]
    internal static partial int ProfileCount(PlanHandle plan);

    [LibraryImport(Shim, EntryPoint = "engine_plan_profile")]
    internal static partial EngineStatus DescribeProfile(PlanHandle plan, int profile, int tensor, out NativeProfileInput range);

    [LibraryImport(Shim, EntryPoint = "engine_plan_memory")]
    internal static partial EngineStatus Memory(PlanHandle plan, int profile, out ulong deviceBytes, out ulong weightBytes);

    // Running.
    [LibraryImport(Shim, EntryPoint = "engine_context_create")]
    internal static partial EngineStatus CreateContext(
        PlanHandle plan, int profile, nint memory, CudaStream stream, out ContextHandle context);

    [LibraryImport(Shim, EntryPoint = "engine_context_release")]
    internal static partial void ReleaseContext(nint context);

    [LibraryImport(Shim, EntryPoint = "engine_context_set_input")]
    internal static partial EngineStatus SetInput(ContextHandle context, int tensor, in NativeShape shape, nint address);

    [LibraryImport(Shim, EntryPoint = "engine_context_output_shape")]
    internal static partial EngineStatus OutputShape(ContextHandle context, int tensor, out NativeShape shape);

    [LibraryImport(Shim, EntryPoint = "engine_context_set_output")]
    internal static partial EngineStatus SetOutput(ContextHandle context, int tensor, nint address, ulong capacity);

    [LibraryImport(Shim, EntryPoint = "engine_context_enqueue")]
    internal static partial EngineStatus Enqueue(ContextHandle context, CudaStream stream);

    [LibraryImport(Shim, EntryPoint = "engine_context_given_shape")]
    internal static partial EngineStatus GivenShape(ContextHandle context, int tensor, out NativeShape shape);
}
