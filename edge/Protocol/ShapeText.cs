using System.Collections.Immutable;

namespace Pipeline.Edge.Protocol;

/// <summary>Shapes in sentences.</summary>
internal static class ShapeText
{
    public static string Of(ImmutableArray<long> shape) => Of(shape.AsSpan());

    public static string Of(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
