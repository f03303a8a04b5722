using Pipeline.Onnx;
using Pipeline.Onnx.Writing;

namespace Pipeline.Stories.Tests;

/// <summary>Small real models with input x [N, 4] and output y, so that a story takes seconds.</summary>
internal static class TinyModels
{
    /// <summary>y = x * scale.</summary>
    public static byte[] Scale(float scale) => Write(Graph()
        .Initializer(OnnxTensor.Floats("scale", [4], [scale, scale, scale, scale]))
        .Node("Mul", ["x", "scale"], ["y"]));

    /// <summary>y = x * scale for one row; more rows fail when the model runs, which no shape check can see.</summary>
    public static byte[] FailsBeyondOneRow(float scale) => Write(Graph()
        .Initializer(OnnxTensor.Floats("scale", [4], [scale, scale, scale, scale]))
        .Initializer(OnnxTensor.Ints("one", [2], [1, 4]))
        .Node("Reshape", ["x", "one"], ["row"])
        .Node("Mul", ["row", "scale"], ["y"]));

    public static byte[] UnknownOperator() => Write(Graph().Node("NoSuchOp", ["x"], ["y"]));

    public static byte[] ExternalData(string location) => Write(Graph()
        .Initializer(OnnxTensor.External("scale", OnnxElementType.Float, [4], location, 0, 16))
        .Node("Mul", ["x", "scale"], ["y"]));

    /// <summary>y = x W, W of 4 x 4 numbers that four bits cannot hold.</summary>
    public static byte[] Dense() => Write(Graph()
        .Initializer(OnnxTensor.Floats("w", [4, 4], [.. Enumerable.Range(0, 16).Select(i => MathF.Sin(i * 1.7f) * (i % 3 == 0 ? 1 : 0.06f))]))
        .Node("MatMul", ["x", "w"], ["y"]));

    private static OnnxGraphWriter Graph() => new OnnxGraphWriter("tiny")
        .Input("x", OnnxElementType.Float, "N", 4)
        .Output("y", OnnxElementType.Float, "N", 4);

    private static byte[] Write(OnnxGraphWriter graph) => new OnnxModelWriter(graph).ToArray();
}
