namespace Pipeline.Edge.Protocol;

/// <summary>Shapes in sentences.</summary>
internal static class ShapeText
{
    public static string Of(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
