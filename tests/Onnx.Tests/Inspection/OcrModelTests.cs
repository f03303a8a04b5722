using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Onnx.Inspection;
using Pipeline.Testing;

namespace Pipeline.Onnx.Tests.Inspection;

// The expected facts were worked out by an independent reader and agree with what ONNX Runtime says of these files.
public sealed class OcrModelTests
{
    private const string Recognition = "ch_PP-OCRv4_rec_infer.onnx";

    [Fact]
    public async Task Recognition_Inspected_TellsItsInterface()
    {
        OnnxModelInfo model = (await InspectAsync(Recognition)).Model!;

        OnnxValue input = Assert.Single(model.Inputs);
        Assert.Equal(("x", OnnxValueKind.Tensor, OnnxElementType.Float), (input.Name, input.Kind, input.ElementType));
        Assert.Equal(
            ["p2o.DynamicDimension.0", OnnxDimension.Fixed(3), OnnxDimension.Fixed(48), "p2o.DynamicDimension.1"],
            input.Dimensions!.Value.AsEnumerable());
        OnnxValue output = Assert.Single(model.Outputs);
        Assert.Equal("softmax_11.tmp_0", output.Name);
        Assert.Equal("p2o.DynamicDimension.2,p2o.DynamicDimension.3,6625", string.Join(',', output.Dimensions!.Value));
    }

    [Fact]
    public async Task Recognition_Inspected_CountsOperatorsAndConstants()
    {
        OnnxModelInfo model = (await InspectAsync(Recognition)).Model!;

        Assert.Equal(8, model.IrVersion);
        Assert.Equal(new OnnxOpset("", 9), Assert.Single(model.Opsets));
        Assert.Equal((765, 0, 0L, 325, 10_761_252L, 0L, 0), (
            model.NodeCount, model.InitializerCount, model.InitializerBytes, model.ConstantCount, model.ConstantBytes,
            model.ExternalBytes, model.SubgraphDepth));
        Assert.Equal(
            "Add 107, AveragePool 1, BatchNormalization 6, Cast 23, Clip 28, Concat 7, Constant 325, Conv 38, Div 33, "
            + "GlobalAveragePool 2, HardSigmoid 2, MatMul 13, Mul 107, Pow 5, ReduceMean 10, Relu 2, Reshape 6, "
            + "Shape 4, Sigmoid 7, Slice 10, Softmax 3, Sqrt 5, Squeeze 7, Sub 5, Transpose 9",
            string.Join(", ", model.Operators.Select(o => $"{o.OpType} {o.Count}")));
    }

    [Theory]
    [InlineData("ch_PP-OCRv4_det_infer.onnx", 11, 672, 342, 4_687_364, "free,3,free,free")]
    [InlineData("ch_ppocr_mobile_v2.0_cls_infer.onnx", 9, 471, 250, 534_660, "free,3,free,free")]
    public async Task Others_Inspected_TellTheirFacts(
        string file, long opset, int nodes, int constants, long constantBytes, string shape)
    {
        OnnxModelInfo model = (await InspectAsync(file)).Model!;

        Assert.Equal(
            (opset, nodes, constants, constantBytes),
            (model.Opsets.Single().Version, model.NodeCount, model.ConstantCount, model.ConstantBytes));
        ImmutableArray<OnnxDimension> dimensions = model.Inputs.Single().Dimensions!.Value;
        Assert.Equal(shape, string.Join(',', dimensions.Select(d => d.IsFixed ? $"{d}" : "free")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_003)]
    public async Task Recognition_InPieces_GivesTheSameFactsAndTheFilesDigest(int most)
    {
        byte[] bytes = await ReadAsync(Recognition);
        using var stream = new TrickleStream(bytes, most);

        OnnxInspection inspection =
            await OnnxInspector.InspectAsync(stream, null, TestContext.Current.CancellationToken);

        Assert.True(inspection.IsModel);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), inspection.Sha256);
        Assert.Equal(bytes.Length, inspection.Length);
        Assert.Equal(765, inspection.Model.NodeCount);
    }

    private static async Task<OnnxInspection> InspectAsync(string file)
    {
        OnnxInspection inspection = await OnnxExample.InspectAsync(await ReadAsync(file));
        Assert.Null(inspection.Fault);
        return inspection;
    }

    private static Task<byte[]> ReadAsync(string file) =>
        File.ReadAllBytesAsync(Repository.OcrModel(file), TestContext.Current.CancellationToken);
}
