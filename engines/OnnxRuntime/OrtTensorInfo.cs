using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>One input or output of a session.</summary>
/// <param name="DimensionNames">"" where a dimension has no name.</param>
internal sealed record OrtTensorInfo(
    TensorDescription Description, ElementType ElementType, ImmutableArray<string> DimensionNames);
