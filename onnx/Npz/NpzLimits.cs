namespace Pipeline.Onnx.Npz;

/// <summary>What an npz file may contain.</summary>
public sealed record NpzLimits
{
    public static NpzLimits Default { get; } = new();

    /// <summary>Bytes of all arrays together after unpacking; default 1 GiB.</summary>
    public long MaxTotalBytes { get; init; } = 1L << 30;

    /// <summary>Arrays in the file; default 1024.</summary>
    public int MaxArrays { get; init; } = 1024;

    /// <summary>Dimensions of an array; default 64.</summary>
    public int MaxDimensions { get; init; } = 64;
}
