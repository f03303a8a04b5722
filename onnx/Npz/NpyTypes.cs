namespace Pipeline.Onnx.Npz;

/// <summary>The element types that golden files may hold, as numpy names them.</summary>
internal static class NpyTypes
{
    private static readonly (string Name, OnnxElementType Type, Type Clr)[] Known =
    [
        ("f4", OnnxElementType.Float, typeof(float)),
        ("f8", OnnxElementType.Double, typeof(double)),
        ("f2", OnnxElementType.Float16, typeof(Half)),
        ("i1", OnnxElementType.Int8, typeof(sbyte)),
        ("u1", OnnxElementType.UInt8, typeof(byte)),
        ("i2", OnnxElementType.Int16, typeof(short)),
        ("u2", OnnxElementType.UInt16, typeof(ushort)),
        ("i4", OnnxElementType.Int32, typeof(int)),
        ("u4", OnnxElementType.UInt32, typeof(uint)),
        ("i8", OnnxElementType.Int64, typeof(long)),
        ("u8", OnnxElementType.UInt64, typeof(ulong)),
        ("b1", OnnxElementType.Bool, typeof(bool)),
    ];

    /// <summary>Undefined for a name that is not in the table.</summary>
    public static OnnxElementType Parse(string name) =>
        Array.Find(Known, known => known.Name == name).Type;

    /// <summary>With its byte order: '&lt;f4', '|u1'. Null for a type that npy files of ours cannot hold.</summary>
    public static string? Describe(OnnxElementType type) =>
        Array.Find(Known, known => known.Type == type).Name is { } name ? (name[1] == '1' ? "|" : "<") + name : null;

    public static OnnxElementType TypeOf<T>() =>
        Array.Find(Known, known => known.Clr == typeof(T)).Type is not OnnxElementType.Undefined and var type
            ? type
            : throw new NotSupportedException($"npy files have no type for {typeof(T).Name}.");
}
