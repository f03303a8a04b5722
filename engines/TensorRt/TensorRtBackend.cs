using System.Buffers;
using System.Collections.Immutable;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt.Building;
using Pipeline.Engines.TensorRt.Native;
using Pipeline.Engines.TensorRt.Running;

namespace Pipeline.Engines.TensorRt;

/// <summary>
/// Builds and runs engines with TensorRT, through the shim of its major (native/); of its double for runtimes that end in
/// <c>-simulated</c>. An engine is a plan, which is executable content: whoever calls <see cref="Load"/> has verified its signature
/// before; nothing here can. Thread-safe; native libraries are loaded at the first use, one shim a process.
/// </summary>
/// <param name="runtime">What is asked for: <c>trt-11.1.0.106</c>, or a major alone, <c>trt-11</c>. The probe tells what is here.</param>
/// <param name="reference">The ONNX Runtime that references run on, always on the processor.</param>
public sealed class TensorRtBackend(string runtime, TensorRtOptions tensorRt, OnnxRuntimeOptions reference) : IEngineBackend
{
    public ImmutableSortedDictionary<string, string> KeyOptions => tensorRt.Build.KeyOptions;

    public BackendProbe Probe()
    {
        string? path = null;
        TensorRtLibrary? library = null;
        EngineException? problem = null;
        try
        {
            path = FindShim();
            library = TensorRtLibrary.Get(path, tensorRt.TensorRtDirectory);
        }
        catch (EngineException e)
        {
            problem = e;
        }

        // After the shim, which may be what stands in for CUDA.
        CudaDevices found = CudaDevices.Find();
        problem ??= DeviceProblem(found);
        return new BackendProbe
        {
            Runtime = library?.Runtime,
            LibraryPath = path,
            Providers = [],
            Targets = problem is null ? found.Devices[tensorRt.Device].Targets : [],
            Driver = found.DriverVersion,
            CudaRuntime = found.RuntimeVersion,
            IsSimulated = library?.IsSimulated ?? false,
            Problem = problem,
        };
    }

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new PlanBuilder(Open(), tensorRt.Build).Build(options, cancellationToken);
    }

    /// <summary>
    /// Loads a plan. Deserializing runs what is in it, so the bytes must be verified before: their digest, and the signature over it.
    /// </summary>
    /// <exception cref="EngineException">LoadFailed, OtherVersion, OtherDevice, OutOfMemory or UnsupportedTensor.</exception>
    public unsafe IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TensorRtLibrary library = Open();
        using MemoryHandle pin = engine.Pin();
        EngineStatus status = ShimMethods.LoadPlan(library.Handle, pin.Pointer, (ulong)engine.Length, 0, 0, out PlanHandle plan);
        status.ThrowIfFailed(EngineErrorKind.LoadFailed, $"The engine of {engine.Length} bytes does not load");
        return new TensorRtEngine(plan, tensorRt, $"{library.Runtime} on GPU {tensorRt.Device}", engine.Length);
    }

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
        new OnnxRuntimeBackend(reference).LoadReference(modelPath, cancellationToken);

    /// <summary>Memory of the GPU; null when it cannot be used, which loading then says in a sentence.</summary>
    public DeviceMemoryState? ReadDeviceMemory()
    {
        try
        {
            Open();
            return DeviceMemory.Available();
        }
        catch (Exception e) when (e is EngineException or CudaException)
        {
            return null;
        }
    }

    private string FindShim() =>
        ShimLibraryPath.Find(tensorRt.LibraryPath, TensorRtRuntime.Parse(runtime), AppContext.BaseDirectory);

    /// <summary>TensorRT, with this thread on the GPU.</summary>
    private TensorRtLibrary Open()
    {
        TensorRtLibrary library = TensorRtLibrary.Get(FindShim(), tensorRt.TensorRtDirectory);
        try
        {
            CudaDevices.Use(tensorRt.Device);
            return library;
        }
        catch (Exception e) when (e is CudaException or DllNotFoundException or EntryPointNotFoundException)
        {
            throw DeviceProblem(CudaDevices.Find())
                ?? new EngineException(EngineErrorKind.ProviderUnavailable, $"GPU {tensorRt.Device} cannot be used: {e.Message}", e);
        }
    }

    private EngineException? DeviceProblem(CudaDevices found)
    {
        if (found.Problem is { } problem)
            return new EngineException(EngineErrorKind.ProviderUnavailable, $"TensorRT has no GPU here. {problem}");
        return tensorRt.Device >= 0 && tensorRt.Device < found.Devices.Length
            ? null
            : new EngineException(
                EngineErrorKind.ProviderUnavailable,
                $"TensorRT has no GPU here. '{TensorRtOptions.Section}:Device' is {tensorRt.Device}; there are {found.Devices.Length} GPUs.");
    }
}
