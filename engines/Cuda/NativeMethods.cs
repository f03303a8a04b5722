using System.Runtime.InteropServices;

namespace Pipeline.Engines.Cuda;

/// <summary>
/// The CUDA functions that are used, as its headers declare them (the runtime's since version 12, the driver's since 11.4). Every
/// status goes through <see cref="CudaException.ThrowIfFailed"/>.
/// </summary>
internal static partial class NativeMethods
{
    static NativeMethods() => NativeLibraries.Prepare();

    // The driver: what devices there are.
    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuInit")]
    internal static partial int DriverInitialize(uint flags);

    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuDeviceGetCount")]
    internal static partial int DriverDeviceCount(out int count);

    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuDeviceGet")]
    internal static partial int DriverDevice(out int device, int ordinal);

    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuDeviceGetName")]
    internal static partial int DriverDeviceName(Span<byte> name, int length, int device);

    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuDeviceGetUuid_v2")]
    internal static partial int DriverDeviceUuid(Span<byte> uuid, int device);

    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuDeviceTotalMem_v2")]
    internal static partial int DriverDeviceMemory(out nuint bytes, int device);

    [LibraryImport(NativeLibraries.CudaDriver, EntryPoint = "cuDeviceGetAttribute")]
    internal static partial int DriverDeviceAttribute(out int value, int attribute, int device);

    // The runtime: versions and errors.
    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaDriverGetVersion")]
    internal static partial int DriverVersion(out int version);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaRuntimeGetVersion")]
    internal static partial int RuntimeVersion(out int version);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGetErrorName")]
    internal static partial nint ErrorName(int status);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGetErrorString")]
    internal static partial nint ErrorText(int status);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGetLastError")]
    internal static partial int LastError();

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaSetDevice")]
    internal static partial int SetDevice(int ordinal);

    // Memory.
    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaMemGetInfo")]
    internal static partial int MemoryInfo(out nuint free, out nuint total);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaMalloc")]
    internal static partial int Allocate(out nint address, nuint bytes);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaFree")]
    internal static partial int Free(nint address);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaMallocHost")]
    internal static partial int AllocateHost(out nint address, nuint bytes);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaFreeHost")]
    internal static partial int FreeHost(nint address);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaMemcpyAsync")]
    internal static partial int Copy(nint to, nint from, nuint bytes, CopyKind kind, CudaStream stream);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaMemsetAsync")]
    internal static partial int Fill(nint address, int value, nuint bytes, CudaStream stream);

    // Streams and events.
    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaStreamCreateWithFlags")]
    internal static partial int CreateStream(out nint stream, uint flags);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaStreamSynchronize")]
    internal static partial int Synchronize(CudaStream stream);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaStreamDestroy")]
    internal static partial int DestroyStream(nint stream);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaStreamWaitEvent")]
    internal static partial int Wait(CudaStream stream, CudaEvent awaited, uint flags);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaEventCreateWithFlags")]
    internal static partial int CreateEvent(out nint created, uint flags);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaEventRecord")]
    internal static partial int Record(CudaEvent recorded, CudaStream stream);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaEventSynchronize")]
    internal static partial int Synchronize(CudaEvent awaited);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaEventElapsedTime")]
    internal static partial int Elapsed(out float milliseconds, CudaEvent start, CudaEvent end);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaEventDestroy")]
    internal static partial int DestroyEvent(nint destroyed);

    // Graphs.
    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaStreamBeginCapture")]
    internal static partial int BeginCapture(CudaStream stream, CaptureMode mode);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaStreamEndCapture")]
    internal static partial int EndCapture(CudaStream stream, out nint graph);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGraphInstantiate")]
    internal static partial int Instantiate(out nint executable, nint graph, ulong flags);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGraphDestroy")]
    internal static partial int DestroyGraph(nint graph);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGraphLaunch")]
    internal static partial int Launch(CudaGraph executable, CudaStream stream);

    [LibraryImport(NativeLibraries.CudaRuntime, EntryPoint = "cudaGraphExecDestroy")]
    internal static partial int DestroyExecutable(nint executable);
}
