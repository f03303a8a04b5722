using System.Security.Cryptography;
using Pipeline.Onnx.Inspection;
using Pipeline.Onnx.Wire;
using Pipeline.Onnx.Writing;

namespace Pipeline.Onnx.Tests.Inspection;

public sealed class LargeModelTests
{
    [Fact]
    public async Task Model_BeyondTwoGibibytes_IsInspectedWithConstantMemory()
    {
        const long size = (2L << 30) + 1;
        await using Stream stream = LargeOnnxModel.OfSize(size, seed: 1).OpenRead();
        long before = GC.GetAllocatedBytesForCurrentThread();

        OnnxInspection inspection =
            await OnnxInspector.InspectAsync(stream, null, TestContext.Current.CancellationToken);

        Assert.True(inspection.IsModel);
        Assert.True(inspection.Length > size);
        Assert.Equal((33, 33L * 64 << 20), (inspection.Model.InitializerCount, inspection.Model.InitializerBytes));
        // The stream never makes the reader wait, so all of it ran here. Allocated in all, not only left over.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Fact]
    public async Task Payload_BeyondTwoGibibytesInOneTensor_IsSkippedAndCounted()
    {
        const long length = int.MaxValue + 4097L;
        OnnxGraphWriter graph = OnnxExample.LinearGraph().Initializer(OnnxTensor.Generated(
            "huge", OnnxElementType.UInt8, [length], length, (_, target) => target.Clear()));
        await using Stream stream = new OnnxModelWriter(graph).OpenRead();

        OnnxInspection inspection =
            await OnnxInspector.InspectAsync(stream, null, TestContext.Current.CancellationToken);

        Assert.Equal(100 + length, inspection.Model?.InitializerBytes);
    }

    [Fact]
    public async Task GeneratedModel_Written_HasTheInspectedDigest()
    {
        OnnxModelWriter writer = LargeOnnxModel.OfSize(1, seed: 7);
        using var sha = SHA256.Create();
        await using (var hashing = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
            await writer.WriteAsync(hashing, TestContext.Current.CancellationToken);
        await using Stream again = writer.OpenRead();

        OnnxInspection inspection =
            await OnnxInspector.InspectAsync(again, null, TestContext.Current.CancellationToken);

        Assert.Equal(Convert.ToHexStringLower(sha.Hash!), inspection.Sha256);
    }

    [Fact]
    public async Task Length_DeclaredBeyondTheFile_CostsNoMemory()
    {
        var head = new WireMessage();
        head.Int(ModelFields.IrVersion, 8);
        head.Generated(ModelFields.Graph, long.MaxValue / 2, (_, _) => throw new InvalidOperationException());
        byte[] bytes = [.. head.Parts[0].Bytes.Span];

        OnnxInspection inspection = await OnnxExample.InspectAsync(bytes);

        Assert.Equal(OnnxFaultKind.Truncated, inspection.Fault?.Kind);
    }
}
