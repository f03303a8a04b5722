using Pipeline.Cloud.Uploads;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Reconciling;
using Pipeline.Functions.Uploads;
using Pipeline.Onnx;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

[Collection(Bench.Collection)]
public sealed class RefusedUploadTests(CloudFixture cloud)
{
    [Fact]
    public async Task Overwrite_OfAnAcceptedVersion_IsReadOnce()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await UploadAsync(bench, ReadableModel());
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
        Promotion refused = (await bench.ReadAsync(1)).Value;
        Assert.Single(refused.Notices);
        Assert.NotNull(refused.RefusedETag);
        Assert.Equal(PromotionState.Live, refused.State);
        Assert.Null(await bench.Get<UploadReader>().ReadAsync(bench.Id(1), refused, Bench.Cancel));
    }

    [Fact]
    public async Task RejectedUpload_WrittenAgain_IsKnownByItsNewETag()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            UploadedFile uploaded = await UploadAsync(bench, [1, 2, 3]);
            await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);
            Promotion rejected = (await bench.ReadAsync(1)).Value;
            Assert.Equal((PromotionState.Rejected, null), (rejected.State, rejected.AcceptanceNumber));
            Assert.Equal(uploaded.ETag, rejected.Source.ETag);
        }
    }

    private static async Task<UploadedFile> UploadAsync(Bench bench, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        return (await bench.Get<UploadStore>().UploadAsync(bench.UploadOf(1), content, overwrite: true, Bench.Cancel))!;
    }

    private static byte[] ReadableModel() => new OnnxModelWriter(new OnnxGraphWriter("tiny")
        .Input("x", OnnxElementType.Float, "N", 4)
        .Output("y", OnnxElementType.Float, "N", 4)
        .Node("Relu", ["x"], ["y"])).ToArray();
}
