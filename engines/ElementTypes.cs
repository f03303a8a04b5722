namespace Pipeline.Engines;

/// <summary>Sizes and names of element types.</summary>
public static class ElementTypes
{
    public static int SizeBytes(this ElementType type) => type switch
    {
        ElementType.Bool or ElementType.UInt8 or ElementType.Int8 => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Float64 or ElementType.Int64 or ElementType.UInt64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
    };

    /// <summary>The name in the Open Inference Protocol, such as <c>FP32</c>.</summary>
    public static string ProtocolName(this ElementType type) => type switch
    {
        ElementType.Float32 => "FP32",
        ElementType.Float64 => "FP64",
        ElementType.Float16 => "FP16",
        ElementType.BFloat16 => "BF16",
        ElementType.Bool => "BOOL",
        ElementType.UInt8 => "UINT8",
        ElementType.UInt16 => "UINT16",
        ElementType.UInt32 => "UINT32",
        ElementType.UInt64 => "UINT64",
        ElementType.Int8 => "INT8",
        ElementType.Int16 => "INT16",
        ElementType.Int32 => "INT32",
        ElementType.Int64 => "INT64",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
    };

    /// <summary>Reads a name of the Open Inference Protocol; false for an unknown one and for BYTES.</summary>
    public static bool TryParseProtocolName(string? name, out ElementType type)
    {
        foreach (ElementType candidate in Enum.GetValues<ElementType>())
        {
            if (candidate.ProtocolName() != name) continue;
            type = candidate;
            return true;
        }

        type = default;
        return false;
    }

    public static bool IsFloat(this ElementType type) =>
        type is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>The element type of a .NET number; BFloat16 has none.</summary>
    public static ElementType Of<T>() where T : unmanaged => default(T) switch
    {
        float => ElementType.Float32,
        double => ElementType.Float64,
        Half => ElementType.Float16,
        bool => ElementType.Bool,
        byte => ElementType.UInt8,
        ushort => ElementType.UInt16,
        uint => ElementType.UInt32,
        ulong => ElementType.UInt64,
        sbyte => ElementType.Int8,
        short => ElementType.Int16,
        int => ElementType.Int32,
        long => ElementType.Int64,
        _ => throw new NotSupportedException($"'{typeof(T)}' is not an element type of engines."),
    };
}
