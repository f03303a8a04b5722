namespace Pipeline.Onnx.Inspection;

/// <summary>What is kept of one tensor while its graph is read.</summary>
internal sealed class TensorFacts
{
    public string Name { get; set; } = "";

    public OnnxElementType ElementType { get; set; }

    /// <summary>Product of the dimensions, held at long.MaxValue when it is larger.</summary>
    public long ElementCount { get; set; } = 1;

    /// <summary>Bytes of data inside the file, as stored.</summary>
    public long PayloadBytes { get; set; }

    public OnnxExternalData? External { get; set; }

    /// <summary>Where the float payload lies; null when nobody asked.</summary>
    public List<WeightSpan>? Spans { get; set; }
}
