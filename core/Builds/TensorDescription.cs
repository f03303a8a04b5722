using System.Collections.Immutable;

namespace Pipeline.Core.Builds;

/// <summary>An input or output of an engine, as the Open Inference Protocol describes it.</summary>
public sealed record TensorDescription
{
    public required string Name { get; init; }

    /// <summary>Open Inference Protocol type: FP32, FP16, INT64, BOOL, ...</summary>
    public required string DataType { get; init; }

    /// <summary>Dimensions; -1 where the size is free.</summary>
    public required ImmutableArray<long> Shape { get; init; }
}
