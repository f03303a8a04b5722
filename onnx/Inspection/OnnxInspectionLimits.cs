namespace Pipeline.Onnx.Inspection;

/// <summary>What an inspected file may contain. Real models stay far below; the limits bound time and memory.</summary>
public sealed record OnnxInspectionLimits
{
    public static OnnxInspectionLimits Default { get; } = new();

    /// <summary>Length of the file in bytes; default 64 GiB.</summary>
    public long MaxLength { get; init; } = 64L << 30;

    /// <summary>Graphs inside graphs (If, Loop, Scan); default 32.</summary>
    public int MaxDepth { get; init; } = 32;

    /// <summary>UTF-8 bytes of one name or symbol; default 4096, at most 64 KiB.</summary>
    public int MaxNameBytes { get; init; } = 4096;

    /// <summary>Nodes in all graphs and functions; default one million.</summary>
    public int MaxNodes { get; init; } = 1_000_000;

    /// <summary>Initializers and constant tensors in all graphs; default 200,000.</summary>
    public int MaxTensors { get; init; } = 200_000;

    /// <summary>Dimensions of one shape; default 64.</summary>
    public int MaxDimensions { get; init; } = 64;

    /// <summary>Memory for what is remembered until the end (names, shapes), in bytes; default 16 MiB.</summary>
    public int MaxMetadataBytes { get; init; } = 16 << 20;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxLength);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxDepth);
        // Each level is a few stack frames; beyond this a hostile file could exhaust the stack.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 256);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxNameBytes, 64 * 1024);
    }
}
