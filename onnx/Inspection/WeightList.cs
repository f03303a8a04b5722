namespace Pipeline.Onnx.Inspection;

/// <summary>The float32 tensors of a model that count as weights, with the places of their payload.</summary>
internal sealed class WeightList
{
    /// <summary>Smaller tensors are scales, epsilons and shapes, which do not survive rounding.</summary>
    public const int MinElements = 16;

    public const int MaxSpans = 1_000_000;

    public int SpanCount { get; set; }

    public List<List<WeightSpan>> Tensors { get; } = [];

    public void Add(TensorFacts tensor)
    {
        if (tensor.ElementType == OnnxElementType.Float && tensor.ElementCount >= MinElements
            && tensor.Spans is { Count: > 0 } spans)
        {
            Tensors.Add(spans);
        }
    }
}
