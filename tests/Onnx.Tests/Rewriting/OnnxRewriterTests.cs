using System.Runtime.InteropServices;
using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Rewriting;
using Pipeline.Onnx.Wire;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.Onnx.Tests.Rewriting;

public sealed class OnnxRewriterTests
{
    private static readonly float[] Weights =
        [.. Enumerable.Range(0, 30).Select(i => MathF.Sin(i + 1)), float.NaN, float.PositiveInfinity];

    [Fact]
    public async Task Initializers_Rounded_HoldBFloat16AndNothingElseChanges()
    {
        byte[] before = OnnxExample.WithInitializer(OnnxTensor.Floats("v", [32], Weights));

        (byte[] after, OnnxRewrite rewrite) = await RewriteAsync(before, WeightTransform.RoundToBFloat16);

        float[] expected = [.. Weights.Select(w => WeightTransform.RoundToBFloat16.Apply(w, 0))];
        AssertOnlyChanged(before, after, (Weights, expected), (OnnxExample.Ramp(20), Rounded(OnnxExample.Ramp(20))));
        Assert.Equal((2, 52L), (rewrite.TensorCount, rewrite.WeightCount));
        Assert.InRange(rewrite.ChangedCount, 40, 50);
    }

    [Fact]
    public async Task FloatData_PackedOrOneByOne_IsRoundedToo()
    {
        float[] values = [.. Weights.Take(20)];
        byte[] packed = OnnxExample.WithInitializer(OnnxTensor.FloatData("v", [20], values));
        byte[] single = OnnxExample.WithGraph(graph =>
        {
            var tensor = new WireMessage();
            tensor.Int(TensorFields.Dims, 20);
            foreach (float value in values) tensor.Float(TensorFields.FloatData, value);
            // The type may come after the data: it is known at the end of the tensor only.
            tensor.Int(TensorFields.DataType, (int)OnnxElementType.Float);
            graph.Message(GraphFields.Initializer, tensor);
        });

        (byte[] packedAfter, _) = await RewriteAsync(packed, WeightTransform.RoundToBFloat16);
        (byte[] singleAfter, OnnxRewrite rewrite) = await RewriteAsync(single, WeightTransform.RoundToBFloat16);

        float[] other = OnnxExample.Ramp(20);
        AssertOnlyChanged(packed, packedAfter, (values, Rounded(values)), (other, Rounded(other)));
        Assert.Equal((1, 20L), (rewrite.TensorCount, rewrite.WeightCount));
        foreach (float value in Rounded(values)) Assert.True(Find(singleAfter, [value]) >= 0);
    }

    [Fact]
    public async Task Tensors_SmallOrOfAnotherType_StayAsTheyAre()
    {
        OnnxGraphWriter graph = new OnnxGraphWriter("g")
            .Initializer(OnnxTensor.Floats("small", [15], Weights.AsSpan(0, 15)))
            .Initializer(OnnxTensor.Raw("half", OnnxElementType.Float16, [64], MemoryMarshal.AsBytes(Weights.AsSpan())))
            .Initializer(OnnxTensor.Ints("shape", [16], [.. Enumerable.Range(1_000_001, 16)]))
            .Node("ConstantOfShape", ["s"], ["c"], OnnxAttribute.Tensor("value", OnnxTensor.Floats("v", [32], Weights)))
            .Node("Constant", [], ["d"], OnnxAttribute.Tensor("other", OnnxTensor.Floats("v", [32], Weights)))
            .Node("Dropout", ["d"], ["e"], OnnxAttribute.Floats("list", Weights));
        byte[] before = new OnnxModelWriter(graph).ToArray();

        (byte[] after, OnnxRewrite rewrite) = await RewriteAsync(before, WeightTransform.QuantizeToBits(4));

        Assert.Equal(before, after);
        Assert.Equal((0, 0L, 0L), (rewrite.TensorCount, rewrite.WeightCount, rewrite.ChangedCount));
    }

    [Fact]
    public async Task Constants_InSubgraphsToo_AreRounded()
    {
        OnnxGraphWriter inner = new OnnxGraphWriter("inner")
            .Node("Constant", [], ["c"], OnnxAttribute.Tensor("value", OnnxTensor.Floats("v", [4, 8], Weights)));
        byte[] before = new OnnxModelWriter(
            new OnnxGraphWriter("g").Node("If", ["x"], ["c"], OnnxAttribute.Graph("then_branch", inner))).ToArray();

        (byte[] after, _) = await RewriteAsync(before, WeightTransform.RoundToBFloat16);

        AssertOnlyChanged(before, after, (Weights, Rounded(Weights)));
    }

    [Fact]
    public async Task Quantized_PerTensor_HasAtMostFifteenValuesInEach()
    {
        float[] large = [.. OnnxExample.Ramp(64).Select(v => v * 1000)];
        byte[] before = OnnxExample.WithInitializer(OnnxTensor.Floats("large", [64], large));

        (byte[] after, _) = await RewriteAsync(before, WeightTransform.QuantizeToBits(4));

        float[] changed = ReadFloats(after, Find(before, large), 64);
        Assert.InRange(changed.Distinct().Count(), 10, 15);
        Assert.Equal(large.Max(MathF.Abs), changed.Max(MathF.Abs));
        // The small tensor beside it has its own range, or all of it would have become zero.
        float[] small = ReadFloats(after, Find(before, OnnxExample.Ramp(20)), 20);
        Assert.InRange(small.Distinct().Count(), 10, 15);
    }

    [Theory]
    [InlineData("ch_PP-OCRv4_rec_infer.onnx", 0)]
    [InlineData("ch_PP-OCRv4_rec_infer.onnx", 4)]
    [InlineData("ch_ppocr_mobile_v2.0_cls_infer.onnx", 4)]
    public async Task RealModel_RewrittenTwice_KeepsItsFactsAndTheFirstResult(string file, int bits)
    {
        WeightTransform transform = bits == 0 ? WeightTransform.RoundToBFloat16 : WeightTransform.QuantizeToBits(bits);
        byte[] before = await File.ReadAllBytesAsync(Repository.OcrModel(file), TestContext.Current.CancellationToken);

        (byte[] once, OnnxRewrite first) = await RewriteAsync(before, transform);
        (byte[] twice, OnnxRewrite second) = await RewriteAsync(once, transform);

        Assert.Equal(once, twice);
        Assert.Equal(before.Length, once.Length);
        Assert.Equal(0, second.ChangedCount);
        Assert.InRange(first.ChangedCount, first.WeightCount / 2, first.WeightCount);
        OnnxInspection was = await OnnxExample.InspectAsync(before), now = await OnnxExample.InspectAsync(once);
        Assert.NotEqual(was.Sha256, now.Sha256);
        Assert.Equal(was.Model!.Operators.AsEnumerable(), now.Model!.Operators.AsEnumerable());
        Assert.Equal(was.Model.ConstantBytes, now.Model.ConstantBytes);
    }

    [Fact]
    public async Task Source_StartingInsideAStream_IsCopiedFromThere()
    {
        byte[] before = OnnxExample.WithInitializer(OnnxTensor.Floats("v", [32], Weights));
        (byte[] expected, _) = await RewriteAsync(before, WeightTransform.QuantizeToBits(4));
        using var source = new MemoryStream([1, 2, 3, .. before]) { Position = 3 };
        using var destination = new MemoryStream();

        await OnnxRewriter.RewriteAsync(
            source, destination, WeightTransform.QuantizeToBits(4), null, TestContext.Current.CancellationToken);

        Assert.Equal(expected, destination.ToArray());
    }

    [Fact]
    public async Task Source_ThatIsNoModel_WritesNothing()
    {
        (byte[] after, OnnxRewrite rewrite) = await RewriteAsync([0xFF, 0xD8, 0xFF], WeightTransform.RoundToBFloat16);

        Assert.Equal(OnnxFaultKind.NotOnnx, rewrite.Fault?.Kind);
        Assert.Empty(after);
    }

    [Fact]
    public async Task Payload_OfNoWholeFloats_IsMalformed()
    {
        byte[] before = OnnxExample.WithInitializer(OnnxTensor.Raw("v", OnnxElementType.Float, [20], new byte[79]));

        (byte[] after, OnnxRewrite rewrite) = await RewriteAsync(before, WeightTransform.RoundToBFloat16);

        Assert.Equal(OnnxFaultKind.Malformed, rewrite.Fault?.Kind);
        Assert.Empty(after);
    }

    [Fact]
    public async Task Source_ThatCannotSeek_IsRefused()
    {
        using var source = new TrickleStream(OnnxExample.Linear(), 10);
        await Assert.ThrowsAsync<ArgumentException>(() => OnnxRewriter.RewriteAsync(
            source, Stream.Null, WeightTransform.RoundToBFloat16, null, TestContext.Current.CancellationToken));
    }

    private static async Task<(byte[] Bytes, OnnxRewrite Rewrite)> RewriteAsync(
        byte[] before, WeightTransform transform)
    {
        using var source = new MemoryStream(before);
        using var destination = new MemoryStream();
        OnnxRewrite rewrite = await OnnxRewriter.RewriteAsync(
            source, destination, transform, null, TestContext.Current.CancellationToken);
        return (destination.ToArray(), rewrite);
    }

    private static float[] Rounded(float[] values) =>
        [.. values.Select(v => WeightTransform.RoundToBFloat16.Apply(v, 0))];

    private static void AssertOnlyChanged(
        byte[] before, byte[] after, params (float[] Before, float[] After)[] payloads)
    {
        byte[] expected = [.. before];
        foreach ((float[] values, float[] rounded) in payloads)
            MemoryMarshal.AsBytes(rounded.AsSpan()).CopyTo(expected.AsSpan(Find(before, values)));
        Assert.NotEqual(before, after);
        Assert.Equal(expected, after);
    }

    private static int Find(byte[] bytes, float[] values) =>
        bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes(values.AsSpan()));

    private static float[] ReadFloats(byte[] bytes, int at, int count) =>
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, 4 * count)).ToArray();
}
