using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Onnx.Npz;

/// <summary>The arrays of an npz file in its order, or one sentence about what is wrong with it.</summary>
public sealed record NpzContent
{
    public ImmutableArray<NpyArray> Arrays { get; init; } = [];

    public string? Fault { get; init; }

    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsSound => Fault is null;
}
