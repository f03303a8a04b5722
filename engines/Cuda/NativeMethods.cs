using System.Runtime.InteropServices;

namespace Pipeline.Engines.Cuda;

/// <summary>
/// The CUDA functions that are used, as its headers declare them (the runtime's since version 12, the driver's since 11.4). Every
/// status goes through <see cref="CudaException.ThrowIfFailed"/>.
/// </summary>
internal static partial class NativeMethods
{
    static NativeMethods() => CudaLibrary.Prepare();

    // The driver: what devices there are.
    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuInit")]
    internal static partial int DriverInitialize(uint flags);

    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuDeviceGetCount")]
    internal static partial int DriverDeviceCount(out int count);

    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuDeviceGet")]
    internal static partial int DriverDevice(out int device, int ordinal);

    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuDeviceGetName")]
    internal static partial int DriverDeviceName(Span<byte> name, int length, int device);

    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuDeviceGetUuid_v2")]
    internal static partial int DriverDeviceUuid(Span<byte> uuid, int device);

    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuDeviceTotalMem_v2")]
    internal static partial int DriverDeviceMemory(out nuint bytes, int device);

    [LibraryImport(CudaLibrary.Driver, EntryPoint = "cuDeviceGetAttribute")]
    internal static partial int DriverDeviceAttribute(out int value, int attribute, int device);

    // The runtime: versions and errors.
    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaDriverGetVersion")]
    internal static partial int DriverVersion(out int version);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaRuntimeGetVersion")]
    internal static partial int RuntimeVersion(out int version);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGetErrorName")]
    internal static partial nint ErrorName(int status);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGetErrorString")]
    internal static partial nint ErrorText(int status);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGetLastError")]
    internal static partial int LastError();

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaSetDevice")]
    internal static partial int SetDevice(int ordinal);

    // Memory.
    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaMemGetInfo")]
    internal static partial int MemoryInfo(out nuint free, out nuint total);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaMalloc")]
    internal static partial int Allocate(out nint address, nuint bytes);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaFree")]
    internal static partial int Free(nint address);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaMallocHost")]
    internal static partial int AllocateHost(out nint address, nuint bytes);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaFreeHost")]
    internal static partial int FreeHost(nint address);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaMemcpyAsync")]
    internal static partial int Copy(nint to, nint from, nuint bytes, CopyKind kind, CudaStream stream);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaMemsetAsync")]
    internal static partial int Fill(nint address, int value, nuint bytes, CudaStream stream);

    // Streams and events.
    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaStreamCreateWithFlags")]
    internal static partial int CreateStream(out nint stream, uint flags);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaStreamSynchronize")]
    internal static partial int Synchronize(CudaStream stream);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaStreamDestroy")]
    internal static partial int DestroyStream(nint stream);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaStreamWaitEvent")]
    internal static partial int Wait(CudaStream stream, CudaEvent awaited, uint flags);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaEventCreateWithFlags")]
    internal static partial int CreateEvent(out nint created, uint flags);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaEventRecord")]
    internal static partial int Record(CudaEvent recorded, CudaStream stream);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaEventSynchronize")]
    internal static partial int Synchronize(CudaEvent awaited);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaEventElapsedTime")]
    internal static partial int Elapsed(out float milliseconds, CudaEvent start, CudaEvent end);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaEventDestroy")]
    internal static partial int DestroyEvent(nint destroyed);

    // Graphs.
    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaStreamBeginCapture")]
    internal static partial int BeginCapture(CudaStream stream, CaptureMode mode);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaStreamEndCapture")]
    internal static partial int EndCapture(CudaStream stream, out nint graph);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGraphInstantiate")]
    internal static partial int Instantiate(out nint executable, nint graph, ulong flags);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGraphDestroy")]
    internal static partial int DestroyGraph(nint graph);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGraphLaunch")]
    internal static partial int Launch(CudaGraph executable, CudaStream stream);

    [LibraryImport(CudaLibrary.Runtime, EntryPoint = "cudaGraphExecDestroy")]
    internal static partial int DestroyExecutable(nint executable);
}
