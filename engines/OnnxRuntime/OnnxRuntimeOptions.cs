using System.Collections.Immutable;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Which ONNX Runtime, on which execution provider. Another provider is another value here, not another class.
/// </summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>Configuration section that programs bind this from.</summary>
    public const string Section = "OnnxRuntime";

    /// <summary>The execution providers, the default first.</summary>
    public static ImmutableArray<string> Providers { get; } = [OrtSessions.Cpu, OrtSessions.Cuda, OrtSessions.WebGpu];

    /// <summary>
    /// Full path of the native library. Default: null, searched beside the program and in node_modules.
    /// </summary>
    public string? LibraryPath { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>webgpu</c>. Default: <c>cpu</c>.</summary>
    public string Provider { get; init; } = "cpu";

    /// <summary>Options of a GPU provider by ONNX Runtime's own names, such as <c>device_id</c>.</summary>
    public IReadOnlyDictionary<string, string> ProviderOptions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The same, in one order whatever they were read from.</summary>
    internal ImmutableSortedDictionary<string, string> SortedProviderOptions =>
        ProviderOptions.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>
    /// Whether CUDA rounds FP32 inputs of products to TF32: faster, three decimal digits. Counts where engines are built: an engine
    /// carries it, and runs everywhere as it was gated. Default: false.
    /// </summary>
    public bool Tf32 { get; init; }

    /// <summary>
    /// Whether CUDA replays runs of the same shapes as graphs: small kernels cost no launch, and a run whose shapes differ from those
    /// of the run before costs no new convolutions (on an H200 2 ms instead of 260 for the text classifier). Where a model cannot be
    /// captured, the engine's description says why, and it runs without. Default: true.
    /// </summary>
    public bool CudaGraphs { get; init; } = true;

    /// <summary>Threads of one run. Default: 0, one a processor that this process may use.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>
    /// Whether idle threads spin for work. Faster for one caller at a time, slower for neighbours. Default: true.
    /// </summary>
    public bool Spinning { get; init; } = true;
}
