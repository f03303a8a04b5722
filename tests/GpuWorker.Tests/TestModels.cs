using Pipeline.Engines;
using Pipeline.Onnx;
using Pipeline.Onnx.Npz;
using Pipeline.Onnx.Rewriting;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests;

/// <summary>Models that the tests upload: a real classifier, and tiny ones that build at once.</summary>
internal static class TestModels
{
    public static readonly long[] ClassifierShape = [1, 3, 48, 192];

    public static string ClassifierPath { get; } = Repository.OcrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx");

    public static byte[] Classifier() => File.ReadAllBytes(ClassifierPath);

    /// <summary>y = op(x) over [1, 4]; every bias gives other bytes.</summary>
    public static byte[] Tiny(float bias = 1, string operatorName = "Relu") => new OnnxModelWriter(new OnnxGraphWriter("tiny")
        .Input("x", OnnxElementType.Float, 1, 4)
        .Initializer(OnnxTensor.Floats("b", [4], [bias, bias, bias, bias]))
        .Node("Add", ["x", "b"], ["s"])
        .Node(operatorName, ["s"], ["y"])
        .Output("y", OnnxElementType.Float, 1, 4)).ToArray();

    public static async Task<byte[]> RewrittenAsync(byte[] model, WeightTransform transform)
    {
        using var source = new MemoryStream(model);
        using var target = new MemoryStream();
        OnnxRewrite rewrite = await OnnxRewriter.RewriteAsync(
            source, target, transform, limits: null, TestContext.Current.CancellationToken);
        Assert.True(rewrite.IsDone && rewrite.ChangedCount > 0);
        return target.ToArray();
    }

    /// <summary>Golden inputs of the classifier, and what the original model gives for them.</summary>
    public static byte[] ClassifierGolden(IEngineBackend backend, int seed)
    {
        float[] values = new float[ClassifierShape.Aggregate(1, (a, b) => a * (int)b)];
        var random = new Random(seed);
        for (int i = 0; i < values.Length; i++) values[i] = (random.NextSingle() * 2) - 1;
        NpyArray x = NpyArray.Of<float>("x", ClassifierShape, values);
        using IEngine reference = backend.LoadReference(ClassifierPath, TestContext.Current.CancellationToken);
        using EngineOutputs outputs = reference.Run(
            [new Tensor("x", ElementType.Float32, x.Shape, x.Data)], TestContext.Current.CancellationToken);
        var y = new NpyArray
        {
            Name = reference.Outputs[0].Name,
            ElementType = OnnxElementType.Float,
            Shape = outputs.Shape(0),
            Data = outputs.Data(0).ToArray(),
        };
        return Npz(x, y);
    }

    public static byte[] Npz(params NpyArray[] arrays)
    {
        using var stream = new MemoryStream();
        NpzWriter.Write(stream, arrays);
        return stream.ToArray();
    }
}
