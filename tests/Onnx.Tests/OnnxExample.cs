using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Wire;
using Pipeline.Onnx.Writing;

namespace Pipeline.Onnx.Tests;

/// <summary>Small models, and broken ones.</summary>
internal static class OnnxExample
{
    /// <summary>y = x · w + b for x of [batch, 4].</summary>
    public static OnnxGraphWriter LinearGraph() => new OnnxGraphWriter("linear")
        .Input("x", OnnxElementType.Float, "batch", 4)
        .Output("y", OnnxElementType.Float, "batch", 5)
        .Node("MatMul", ["x", "w"], ["h"])
        .Node("Add", ["h", "b"], ["y"])
        .Initializer(OnnxTensor.Floats("w", [4, 5], Ramp(20)))
        .Initializer(OnnxTensor.FloatData("b", [5], Ramp(5)));

    public static byte[] Linear() => new OnnxModelWriter(LinearGraph()).ToArray();

    public static byte[] WithInitializer(OnnxTensor tensor) =>
        new OnnxModelWriter(LinearGraph().Initializer(tensor)).ToArray();

    /// <summary>A model whose graph holds <paramref name="depth"/> graphs, each inside the one before.</summary>
    public static byte[] Nested(int depth)
    {
        OnnxGraphWriter graph = new OnnxGraphWriter("innermost").Node("Relu", ["x"], ["y"]);
        for (int i = 0; i < depth; i++)
            graph = new OnnxGraphWriter("outer").Node("If", ["c"], ["y"], OnnxAttribute.Graph("then_branch", graph));
        return new OnnxModelWriter(graph).ToArray();
    }

    /// <summary>A model with the given graph message, however broken.</summary>
    public static byte[] WithGraph(Action<WireMessage> write) => Model(model =>
    {
        var graph = new WireMessage();
        write(graph);
        model.Message(ModelFields.Graph, graph);
    });

    /// <summary>A model message with version and opset, and what <paramref name="write"/> adds between them.</summary>
    public static byte[] Model(Action<WireMessage> write)
    {
        var model = new WireMessage();
        model.Int(ModelFields.IrVersion, 8);
        write(model);
        var opset = new WireMessage();
        opset.Int(OpsetFields.Version, 17);
        model.Message(ModelFields.OpsetImport, opset);
        return Bytes(model);
    }

    public static byte[] Bytes(WireMessage message)
    {
        using var stream = new WirePartStream(message.Parts);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static async Task<OnnxInspection> InspectAsync(byte[] bytes, OnnxInspectionLimits? limits = null)
    {
        using var stream = new MemoryStream(bytes);
        return await OnnxInspector.InspectAsync(stream, limits, TestContext.Current.CancellationToken);
    }

    public static float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => 0.1f * (i - (count / 2)))];
}
