namespace Pipeline.Engines.TensorRt;

/// <summary>Which TensorRT, on which GPU.</summary>
public sealed record TensorRtOptions
{
    /// <summary>Configuration section that programs bind this from.</summary>
    public const string Section = "TensorRt";

    /// <summary>
    /// Full path of the native library (native/). Default: null, searched beside the program by the runtime's major version.
    /// </summary>
    public string? LibraryPath { get; init; }

    /// <summary>Folder of TensorRT's own libraries. Default: null, as the loader finds them.</summary>
    public string? TensorRtDirectory { get; init; }

    /// <summary>Ordinal of the GPU. Default: 0.</summary>
    public int Device { get; init; }

    /// <summary>
    /// Shapes that one execution context keeps ready, each with a native context of its own and, after its second run, a CUDA graph;
    /// further shapes take the place of the one that was longest unused. 0 runs without CUDA graphs, with one native context a
    /// shape profile. Default: 8.
    /// </summary>
    public int CudaGraphs { get; init; } = 8;

    /// <summary>What builds ask for.</summary>
    public TensorRtBuildOptions Build { get; init; } = new();
}
