using System.Collections.Immutable;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Builds and runs engines with ONNX Runtime. An engine is the optimized model, an ONNX file again. Thread-safe; the
/// native library is loaded at the first use.
/// </summary>
public sealed class OnnxRuntimeBackend(OnnxRuntimeOptions runtimeOptions) : IEngineBackend
{
    private static readonly Lock WebGpuTurn = new();

    // "extended" is what Build asks for.
    public ImmutableSortedDictionary<string, string> KeyOptions { get; } =
        CudaOptions.KeyOptionsOf(runtimeOptions).Add("graphOptimization", "extended");

    public BackendProbe Probe()
    {
        bool isOnGpu = runtimeOptions.Provider is OrtSessions.Cuda or OrtSessions.WebGpu;
        OrtLibrary? library = null;
        ImmutableArray<string> providers = [];
        ImmutableArray<string> targets = [];
        EngineException? problem = null;
        try
        {
            library = OrtLibrary.Get(runtimeOptions.LibraryPath);
            providers = library.Api.GetAvailableProviders();
            targets = OrtTargets.Find(runtimeOptions);
            OrtSessions.CreateOptions(library, runtimeOptions).Dispose();
        }
        catch (EngineException e)
        {
            problem = e;
        }

        return new BackendProbe
        {
            Runtime = library is null ? null : $"ort-{library.Version}-{runtimeOptions.Provider}",
            LibraryPath = library?.Path,
            Providers = providers,
            Targets = problem is null ? targets : [],
            Driver = targets.IsEmpty || !isOnGpu ? null : Nvml.DriverVersion,
            CudaRuntime = targets.IsEmpty || runtimeOptions.Provider != OrtSessions.Cuda ? null : CudaDevices.Find().RuntimeVersion,
            Problem = problem,
        };
    }

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        OrtLibrary library = OrtLibrary.Get(runtimeOptions.LibraryPath);
        string unfinished = options.EnginePath + ".unfinished";
        using var log = new OrtLog();
        using OrtSessionOptionsHandle session = OrtSessions.CreateOptions(library, runtimeOptions);
        library.Api.SetSessionLogId(session, log.Id);
        library.Api.SetGraphOptimizationLevel(
            session, options.Optimize ? OrtOptimization.Extended : OrtOptimization.Off);
        library.Api.SetOptimizedModelFilePath(session, unfinished);
        using var external = ExternalTensorFiles.Map(options);
        library.Api.AddExternalFiles(session, external);
        options.Progress?.Report(new("optimize", null));
        try
        {
            using OrtSessionHandle built = OrtSessions.Open(
                library, options.ModelPath, session, EngineErrorKind.BuildFailed, cancellationToken);

            // Refused now rather than by who loads the engine.
            library.Api.DescribeTensors(built, output: false);
            library.Api.DescribeTensors(built, output: true);
            if (CudaOptions.UsesTf32(runtimeOptions)) Tf32Mark.Append(unfinished);
            File.Move(unfinished, options.EnginePath, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }

        options.Progress?.Report(new("optimize", 1));
        return new BuiltEngine
        {
            Path = options.EnginePath,
            SizeBytes = new FileInfo(options.EnginePath).Length,
            Log = log.Lines,
        };
    }

    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        OrtLibrary library = OrtLibrary.Get(runtimeOptions.LibraryPath);
        if (runtimeOptions.Provider == OrtSessions.Cuda)
            return new OrtCudaLoader(library, runtimeOptions).Load(engine, cancellationToken);
        if (runtimeOptions.Provider != OrtSessions.WebGpu) return Open(library, engine, cancellationToken);
        lock (WebGpuTurn) return new OneAtATimeEngine(Open(library, engine, cancellationToken), WebGpuTurn);
    }

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken)
    {
        // Always on the processor: the reference must not share the provider's own errors.
        OnnxRuntimeOptions processor = runtimeOptions with { Provider = OrtSessions.Cpu };
        OrtLibrary library = OrtLibrary.Get(runtimeOptions.LibraryPath);
        using OrtSessionOptionsHandle session = OrtSessions.CreateOptions(library, processor);
        library.Api.SetGraphOptimizationLevel(session, OrtOptimization.Off);
        OrtSessionHandle opened = OrtSessions.Open(
            library, modelPath, session, EngineErrorKind.LoadFailed, cancellationToken);
        return OnnxRuntimeEngine.Create(
            library, opened, processor, $"ort-{library.Version}-cpu, graph optimizations off");
    }

    public DeviceMemoryState? ReadDeviceMemory()
    {
        if (runtimeOptions.Provider != OrtSessions.Cuda || OrtTargets.Ordinal(runtimeOptions) is not { } device) return null;
        try
        {
            CudaDevices.Use(device);
            return DeviceMemory.Available();
        }
        catch (Exception e) when (e is CudaException or DllNotFoundException)
        {
            // A machine without the device loads nothing onto it; its probe says why.
            return null;
        }
    }

    private OnnxRuntimeEngine Open(OrtLibrary library, ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        using OrtSessionOptionsHandle session = OrtSessions.CreateOptions(library, runtimeOptions);
        library.Api.SetGraphOptimizationLevel(session, OrtOptimization.All);
        OrtSessionHandle opened = OrtSessions.Open(library, engine, session, cancellationToken);
        return OnnxRuntimeEngine.Create(
            library, opened, runtimeOptions, $"ort-{library.Version}-{runtimeOptions.Provider}");
    }
}
