using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Engines.TensorRt;

/// <summary>
/// What TensorRT is asked for beside model and shapes. Networks are always strongly typed: the precision is the one in the ONNX file.
/// </summary>
public sealed record TensorRtBuildOptions
{
    /// <summary>What follows the engine's path in that of the description of its layers.</summary>
    public const string LayersSuffix = ".layers.json";

    private const long SharedMemoryMaximum = (1L << 30) - 1;

    /// <summary>Scratch memory that one layer may take, in bytes. Default: 0, all of the device.</summary>
    public long WorkspaceBytes { get; init; }

    /// <summary>Device memory that trying one tactic may take, in bytes. Default: 0, TensorRT's own: all of the device.</summary>
    public long TacticDramBytes { get; init; }

    /// <summary>
    /// Shared memory that one block of a kernel may take, in bytes, less than 1 GiB; it replaces the limit that hardware compatibility
    /// brings. Default: 0, TensorRT's own: all that the device has.
    /// </summary>
    public long TacticSharedMemoryBytes { get; init; }

    /// <summary>0 (first tactic that works) to 5 (everything compiled and compared). Default: null, TensorRT's own, 3.</summary>
    public int? OptimizationLevel { get; init; }

    /// <summary>Default: None.</summary>
    public HardwareCompatibility HardwareCompatibility { get; init; }

    /// <summary>Single-precision products in TensorFloat-32: faster, of 10 bits. Default: false, FP32 means FP32.</summary>
    public bool Tf32 { get; init; }

    /// <summary>Whether later versions of the same major may run the plan; slower. Default: false.</summary>
    public bool VersionCompatible { get; init; }

    /// <summary>
    /// Whether weights that the device has no room for when the plan is loaded stay in the host's memory; then slower, and without CUDA
    /// graphs. TensorRT 10.1 and newer. Default: false.
    /// </summary>
    public bool WeightStreaming { get; init; }

    /// <summary>Default: Measure.</summary>
    public TacticTiming Tactics { get; init; }

    /// <summary>
    /// Whether a description of the layers is written beside the engine, as JSON. <c>gpu-worker build</c> leaves it in its folder; builds
    /// of a lane keep none. Default: false.
    /// </summary>
    public bool DescribeLayers { get; init; }

    /// <summary>All of it as the engine key takes it: what is not said here must not change an engine.</summary>
    public ImmutableSortedDictionary<string, string> KeyOptions => ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            Option("workspace", Text(WorkspaceBytes)),
            Option("optimizationLevel", OptimizationLevel is { } level ? Text(level) : "default"),
            Option("hardwareCompatibility", HardwareCompatibility.ToString()),
            Option("tf32", Text(Tf32)),
            Option("versionCompatible", Text(VersionCompatible)),
            Option("weightStreaming", Text(WeightStreaming)),
            Option("tactics", Tactics.ToString()),
            Option("describeLayers", Text(DescribeLayers)),
            .. Limit("tacticDram", TacticDramBytes),
            .. Limit("tacticSharedMemory", TacticSharedMemoryBytes),
        ]);

    /// <exception cref="EngineException">BuildFailed: a value is none that TensorRT takes.</exception>
    internal void Validate()
    {
        if (WorkspaceBytes < 0) throw Refused(nameof(WorkspaceBytes), Text(WorkspaceBytes), "0 or more bytes");
        if (TacticDramBytes < 0) throw Refused(nameof(TacticDramBytes), Text(TacticDramBytes), "0 or more bytes");
        if (TacticSharedMemoryBytes is < 0 or > SharedMemoryMaximum)
            throw Refused(nameof(TacticSharedMemoryBytes), Text(TacticSharedMemoryBytes), "0 or more bytes, less than 1 GiB");
        if (OptimizationLevel is < 0 or > 5) throw Refused(nameof(OptimizationLevel), Text(OptimizationLevel.Value), "0 to 5");
        if (!Enum.IsDefined(HardwareCompatibility))
            throw Refused(nameof(HardwareCompatibility), HardwareCompatibility.ToString(), "None, AmperePlus or SameComputeCapability");
        if (!Enum.IsDefined(Tactics)) throw Refused(nameof(Tactics), Tactics.ToString(), "Measure, Record or Replay");
    }

    private static KeyValuePair<string, string> Option(string name, string value) => new($"tensorRt.{name}", value);

    // Younger than keys that are stored: those must stay what they are.
    private static KeyValuePair<string, string>[] Limit(string name, long bytes) => bytes == 0 ? [] : [Option(name, Text(bytes))];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";

    private static EngineException Refused(string name, string value, string allowed) => new(
        EngineErrorKind.BuildFailed, $"Setting '{TensorRtOptions.Section}:Build:{name}' is '{value}'; it takes {allowed}.");
}
