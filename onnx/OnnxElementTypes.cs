namespace Pipeline.Onnx;

/// <summary>Facts about element types.</summary>
public static class OnnxElementTypes
{
    /// <summary>
    /// Bits of one element as raw data holds it; 0 where there is no fixed size (strings, unknown types).
    /// </summary>
    public static int Bits(this OnnxElementType type) => type switch
    {
        OnnxElementType.Complex128 => 128,
        OnnxElementType.Int64 or OnnxElementType.UInt64 or OnnxElementType.Double or OnnxElementType.Complex64 => 64,
        OnnxElementType.Int32 or OnnxElementType.UInt32 or OnnxElementType.Float => 32,
        OnnxElementType.Int16 or OnnxElementType.UInt16 or OnnxElementType.Float16 or OnnxElementType.BFloat16 => 16,
        OnnxElementType.Int8 or OnnxElementType.UInt8 or OnnxElementType.Bool => 8,
        OnnxElementType.Float8E4M3FN or OnnxElementType.Float8E4M3FNUZ or OnnxElementType.Float8E5M2
            or OnnxElementType.Float8E5M2FNUZ or OnnxElementType.Float8E8M0 => 8,
        OnnxElementType.Int4 or OnnxElementType.UInt4 or OnnxElementType.Float4E2M1 => 4,
        OnnxElementType.Int2 or OnnxElementType.UInt2 => 2,
        _ => 0,
    };
}
