using System.Collections.Immutable;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Outputs in ONNX Runtime's memory.</summary>
internal sealed class OnnxRuntimeOutputs(OrtApi api, ImmutableArray<OrtTensorInfo> infos, OrtValuesHandle values)
    : EngineOutputs
{
    public override int Count => infos.Length;

    public override string Name(int index) => infos[index].Description.Name;

    public override ElementType ElementType(int index) => infos[index].ElementType;

    public override ImmutableArray<long> Shape(int index) => api.DescribeValue(Value(index)).Shape;

    /// <summary>The span is valid until this object is disposed.</summary>
    public override unsafe ReadOnlySpan<byte> Data(int index)
    {
        (ElementType type, ImmutableArray<long> shape) = api.DescribeValue(Value(index));
        long sizeBytes = Tensor.SizeBytesOf(type, shape.AsSpan());
        return sizeBytes <= int.MaxValue
            ? new ReadOnlySpan<byte>(api.DataOf(Value(index)), (int)sizeBytes)
            : throw new EngineException(
                EngineErrorKind.RunFailed, $"Output '{Name(index)}' has {sizeBytes} bytes; at most 2 GB can be read.");
    }

    protected override void Dispose(bool disposing)
    {
        values.Dispose();
        base.Dispose(disposing);
    }

    private nint Value(int index)
    {
        ObjectDisposedException.ThrowIf(values.IsClosed, this);
        return values.Values[index];
    }
}
