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

    /// <summary>
    /// y = x * scale, by way of a table of two rows: inputs of 2 and more fail when the model runs, which no gate on small
    /// numbers can see.
    /// </summary>
    public static byte[] FailsOnLargeInputs(float scale) => Write(Graph()
        .Initializer(OnnxTensor.Floats("table", [2], [scale, scale]))
        .Node("Cast", ["x"], ["row"], OnnxAttribute.Int("to", (long)OnnxElementType.Int64))
        .Node("Gather", ["table", "row"], ["factor"])
        .Node("Mul", ["x", "factor"], ["y"]));

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
