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
}
