using System.Collections.Immutable;

namespace Pipeline.Engines;

/// <summary>Outputs that already are managed tensors, such as a golden file's.</summary>
public sealed class TensorOutputs(ImmutableArray<Tensor> tensors) : EngineOutputs
{
    public override int Count => tensors.Length;

    public override string Name(int index) => tensors[index].Name;

    public override ElementType ElementType(int index) => tensors[index].ElementType;

    public override ImmutableArray<long> Shape(int index) => tensors[index].Shape;

    public override ReadOnlySpan<byte> Data(int index) => tensors[index].Data.Span;
}
