using System.Diagnostics.CodeAnalysis;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Onnx.Rewriting;

/// <summary>The outcome of a rewrite: counts, or the fault of a source that is not a sound model.</summary>
public sealed record OnnxRewrite
{
    public OnnxFault? Fault { get; init; }

    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsDone => Fault is null;

    /// <summary>Tensors that were transformed.</summary>
    public int TensorCount { get; init; }

    /// <summary>Weights in those tensors.</summary>
    public long WeightCount { get; init; }

    /// <summary>Weights whose bytes are different now.</summary>
    public long ChangedCount { get; init; }
}
