using System.Collections.Immutable;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.TensorRt;

namespace Pipeline.Engines.Simulation;

/// <summary>
/// A GPU lane on a machine without one. TensorRT's backend works on the double of TensorRT and CUDA, so that targets, builds, progress,
/// timing caches, device memory and failures are its own; since the double computes nothing, ONNX Runtime on the processor stands
/// beside it and gives the answers, so that gates and users see the model. Its runtime's name ends in <c>-simulated</c>.
/// </summary>
/// <param name="runtime">Such as <see cref="SimulatedRuntime.Name"/>.</param>
public sealed class SimulatedBackend(string runtime, TensorRtOptions tensorRt, OnnxRuntimeOptions onnxRuntime) : IEngineBackend
{
    private const string Notice = "SIMULATED: a double stands in for TensorRT and the GPU; ONNX Runtime gives the answers.";

    private readonly TensorRtBackend device = new(runtime, tensorRt, onnxRuntime);

    private readonly OnnxRuntimeBackend processor = new(onnxRuntime with
    {
        Provider = OrtSessions.Cpu,
        ProviderOptions = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
    });

    public ImmutableSortedDictionary<string, string> KeyOptions => device.KeyOptions.AddRange(processor.KeyOptions);

    public BackendProbe Probe()
    {
        BackendProbe probe = device.Probe();
        EngineException? problem = probe.Problem
            ?? (probe.IsSimulated ? processor.Probe().Problem : NoDouble(probe.LibraryPath));
        return probe with { Problem = problem, Targets = problem is null ? probe.Targets : [] };
    }

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        string planPath = options.EnginePath + ".plan";
        string layersPath = planPath + TensorRtBuildOptions.LayersSuffix;
        string modelPath = options.EnginePath + ".model";
        try
        {
            BuiltEngine plan = device.Build(options with { EnginePath = planPath }, cancellationToken);
            BuiltEngine model = processor.Build(options with { EnginePath = modelPath, Progress = null }, cancellationToken);
            if (File.Exists(layersPath)) File.Move(layersPath, options.EnginePath + TensorRtBuildOptions.LayersSuffix, overwrite: true);
            return new BuiltEngine
            {
                SizeBytes = SimulatedEngineFile.Write(options.EnginePath, planPath, modelPath),
                Path = options.EnginePath,
                Log = [Notice, .. plan.Log, .. model.Log],
            };
        }
        finally
        {
            File.Delete(planPath);
            File.Delete(layersPath);
            File.Delete(modelPath);
        }
    }

    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        SimulatedEngineFile file = SimulatedEngineFile.Read(engine);
        IEngine onDevice = device.Load(file.Plan, cancellationToken);
        IEngine? onProcessor = null;
        try
        {
            onProcessor = processor.Load(file.Model, cancellationToken);
            return new SimulatedEngine(onDevice, onProcessor);
        }
        catch
        {
            onProcessor?.Dispose();
            onDevice.Dispose();
            throw;
        }
    }

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
        processor.LoadReference(modelPath, cancellationToken);

    public DeviceMemoryState? ReadDeviceMemory() => device.ReadDeviceMemory();

    // Settings may name another library; engines of a real GPU are not this backend's.
    private static EngineException NoDouble(string? path) => new(
        EngineErrorKind.LibraryIncompatible, $"'{path}' is TensorRT itself; a lane whose runtime ends in -simulated needs the double.");
}
