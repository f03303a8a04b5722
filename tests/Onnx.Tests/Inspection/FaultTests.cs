using System.Text;
using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Wire;
using Pipeline.Onnx.Writing;

namespace Pipeline.Onnx.Tests.Inspection;

public sealed class FaultTests
{
    public static TheoryData<string, byte[]> NotModels => new()
    {
        { "a JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 0x4A, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00, 0x48] },
        { "a PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52] },
        { "a zip", [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00] },
        { "a text", Encoding.UTF8.GetBytes("Hello world, this is no model at all.\n") },
        { "a text with a colon first", Encoding.UTF8.GetBytes(":root { color: red }\n") },
        { "JSON", Encoding.UTF8.GetBytes("{\"precision\": \"fp16\"}") },
        { "HTML", Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body>404</body></html>") },
        { "an empty line", [0x0A] },
        { "zeros", new byte[1000] },
        { "another protobuf", [0x12, 0x03, 0x61, 0x62, 0x63, 0x2A, 0x01, 0x00] },
        { "a version alone", [0x08, 0x08] },
    };

    [Theory]
    [MemberData(nameof(NotModels))]
    public async Task File_OfAnotherKind_IsNotOnnx(string what, byte[] bytes)
    {
        OnnxFault? fault = (await OnnxExample.InspectAsync(bytes)).Fault;

        Assert.True(fault?.Kind == OnnxFaultKind.NotOnnx, $"{what} gave {fault}.");
        Assert.StartsWith("The file is not an ONNX model; ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_WithoutBytes_IsEmpty() => await AssertFaultAsync([], OnnxFaultKind.Empty);

    [Fact]
    public async Task Model_CutAnywhere_IsRefusedAndNeverAccepted()
    {
        byte[] bytes = OnnxExample.Linear();
        for (int length = 0; length < bytes.Length; length++)
        {
            OnnxInspection inspection = await OnnxExample.InspectAsync(bytes[..length]);
            Assert.NotNull(inspection.Fault);
            Assert.Null(inspection.Model);
            Assert.InRange(inspection.Fault.Offset, 0, length);
        }
    }

    [Fact]
    public async Task Model_CutInsideItsGraph_IsTruncated()
    {
        byte[] bytes = OnnxExample.Linear();

        OnnxFault fault = await AssertFaultAsync(bytes[..(bytes.Length / 2)], OnnxFaultKind.Truncated);

        Assert.Equal(bytes.Length / 2, fault.Offset);
    }

    [Fact]
    public async Task Model_WithoutGraph_IsRefused() =>
        await AssertFaultAsync(OnnxExample.Model(_ => { }), OnnxFaultKind.MissingGraph);

    [Fact]
    public async Task Model_WithoutOpset_IsRefused()
    {
        var model = new WireMessage();
        model.Int(ModelFields.IrVersion, 8);
        model.Message(ModelFields.Graph, new WireMessage());

        await AssertFaultAsync(OnnxExample.Bytes(model), OnnxFaultKind.MissingOpset);
    }

    [Theory]
    [InlineData(32, null)]
    [InlineData(33, OnnxFaultKind.TooDeep)]
    [InlineData(1000, OnnxFaultKind.TooDeep)]
    public async Task Subgraphs_BeyondTheLimit_AreTooDeep(int depth, OnnxFaultKind? expected)
    {
        OnnxInspection inspection = await OnnxExample.InspectAsync(OnnxExample.Nested(depth));

        Assert.Equal(expected, inspection.Fault?.Kind);
    }

    [Fact]
    public async Task Counts_BeyondALimit_AreTooLarge()
    {
        byte[] linear = OnnxExample.Linear();
        OnnxInspectionLimits[] limits =
        [
            new() { MaxNodes = 1 },
            new() { MaxTensors = 1 },
            new() { MaxDimensions = 1 },
            new() { MaxNameBytes = 4 },
            new() { MaxMetadataBytes = 300 },
            new() { MaxLength = linear.Length - 1 },
        ];
        foreach (OnnxInspectionLimits limit in limits)
            Assert.Equal(OnnxFaultKind.TooLarge, (await OnnxExample.InspectAsync(linear, limit)).Fault?.Kind);

        var just = new OnnxInspectionLimits
        {
            MaxNodes = 2,
            MaxTensors = 2,
            MaxDimensions = 2,
            MaxNameBytes = 8,
            MaxLength = linear.Length,
        };
        Assert.True((await OnnxExample.InspectAsync(linear, just)).IsModel);
    }

    [Theory]
    [InlineData("a length beyond the parent", new byte[] { 0x0A, 0x7F, 0x00 })]
    [InlineData("a length of 2^63", new byte[] { 0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    [InlineData("a length of -1", new byte[] { 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData("a number of eleven bytes", new byte[]
    {
        0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01,
    })]
    [InlineData("a number beyond 64 bits", new byte[]
    {
        0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02,
    })]
    [InlineData("a padded number", new byte[] { 0x18, 0x81, 0x00 })]
    [InlineData("a field number of 0", new byte[] { 0x02, 0x00 })]
    [InlineData("a field number beyond 29 bits", new byte[] { 0x80, 0x80, 0x80, 0x80, 0x10, 0x00 })]
    [InlineData("a group", new byte[] { 0x1B, 0x1C })]
    [InlineData("a node that is a number", new byte[] { 0x08, 0x01 })]
    [InlineData("a node without an operator", new byte[] { 0x0A, 0x00 })]
    [InlineData("a number that the parent cuts off", new byte[] { 0x18, 0x80 })]
    [InlineData("an operator that is not UTF-8", new byte[] { 0x0A, 0x04, 0x22, 0x02, 0xC3, 0x28 })]
    [InlineData("a tensor with a dimension of -1", new byte[]
    {
        0x2A, 0x0B, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
    })]
    public async Task Graph_BrokenInside_IsMalformed(string what, byte[] content)
    {
        Assert.NotEmpty(what);
        // The version before the graph shows that this was meant to be a model.
        byte[] bytes = [0x08, 0x08, 0x3A, (byte)content.Length, .. content, 0x42, 0x02, 0x10, 0x11];

        await AssertFaultAsync(bytes, OnnxFaultKind.Malformed);
    }

    [Fact]
    public async Task Graph_SoundBesideTheBrokenOnes_IsAccepted()
    {
        byte[] content = [0x0A, 0x03, 0x22, 0x01, 0x41, 0x18, 0x01];
        byte[] bytes = [0x08, 0x08, 0x3A, (byte)content.Length, .. content, 0x42, 0x02, 0x10, 0x11];

        Assert.Equal(1, (await OnnxExample.InspectAsync(bytes)).Model?.NodeCount);
    }

    [Fact]
    public async Task Operators_InventedByTheMillion_StopAtTheMemoryLimit()
    {
        var graph = new OnnxGraphWriter("hostile");
        for (int i = 0; i < 20_000; i++) graph.Node($"Op{i}", [], []);
        var limits = new OnnxInspectionLimits { MaxMetadataBytes = 1 << 20 };

        OnnxInspection inspection = await OnnxExample.InspectAsync(new OnnxModelWriter(graph).ToArray(), limits);

        Assert.Equal(OnnxFaultKind.TooLarge, inspection.Fault?.Kind);
    }

    [Fact]
    public async Task Message_QuotingTheFile_HasNoControlCharacters()
    {
        byte[] bytes = OnnxExample.WithInitializer(
            OnnxTensor.External("w2", OnnxElementType.Float, [1], "/evil\u001b[2J\nname", null, null));

        OnnxFault fault = await AssertFaultAsync(bytes, OnnxFaultKind.UnsafeExternalData);

        Assert.DoesNotContain(fault.Message, char.IsControl);
    }

    [Fact]
    public async Task Stream_ThatFails_ThrowsItsOwnException()
    {
        using var stream = new MemoryStream(OnnxExample.Linear());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => OnnxInspector.InspectAsync(stream, null, new CancellationToken(canceled: true)));
    }

    private static async Task<OnnxFault> AssertFaultAsync(byte[] bytes, OnnxFaultKind kind)
    {
        OnnxInspection inspection = await OnnxExample.InspectAsync(bytes);
        Assert.False(inspection.IsModel);
        Assert.Null(inspection.Sha256);
        Assert.Equal(kind, inspection.Fault.Kind);
        return inspection.Fault;
    }
}
