using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Engines;

public sealed class ReportStoreTests(CloudFixture cloud)
{
    private readonly ReportStore store = new(cloud.Clients);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_UnderItsDigest_IsReadBack()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        BuildReport report = Samples.Report(id, new string('x', 200 * 1024));

        string digest = await store.WriteAsync(report, Cancel);

        BuildReport? read = await store.ReadAsync(id, Samples.Lane, digest, Cancel);
        Assert.Equal(report.Log[0], read?.Log[0]);
        Assert.Null(await store.ReadAsync(id, Samples.Lane, Samples.Digest("other"), Cancel));
        Assert.Null(await store.ReadAsync(id with { Version = "2" }, Samples.Lane, digest, Cancel));
    }

    [Fact]
    public async Task Report_WithAnOutputThatHasNoRows_IsReadBack()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        var scalar = new OutputAccuracy
        {
            Name = "score",
            CosineMinimum = 1,
            MaximumAbsoluteError = 0,
            MaximumRelativeError = 0,
            NanCount = 0,
            InfinityCount = 0,
            Top1Agreement = null,
            ElementCount = 1,
        };
        BuildReport report = Samples.Report(id);

        string digest = await store.WriteAsync(
            report with { Accuracy = report.Accuracy with { Outputs = [scalar] } }, Cancel);

        BuildReport? read = await store.ReadAsync(id, Samples.Lane, digest, Cancel);
        Assert.Equal(scalar, Assert.Single(read!.Accuracy.Outputs));
    }

    [Fact]
    public async Task Report_OfALaterAttempt_HidesTheEarlierOne()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        Assert.Null(await store.ReadNewestAsync(id, Samples.Lane, Cancel));
        string first = await store.WriteAsync(Samples.Report(id), Cancel);

        string second = await store.WriteAsync(Samples.Report(id) with { Attempt = 2 }, Cancel);

        Assert.Null(await store.ReadAsync(id, Samples.Lane, first, Cancel));
        Assert.Equal(2, (await store.ReadAsync(id, Samples.Lane, second, Cancel))?.Attempt);
        Assert.Equal(2, (await store.ReadNewestAsync(id, Samples.Lane, Cancel))?.Attempt);
    }

    [Fact]
    public async Task Report_ThatIsTooLarge_IsNotWritten()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");

        await Assert.ThrowsAsync<InvalidDataException>(() => store.WriteAsync(
            Samples.Report(id, new string('x', ReportStore.SizeBytesMaximum)), Cancel));

        Assert.Null(await store.ReadNewestAsync(id, Samples.Lane, Cancel));
    }

    [Fact]
    public async Task Report_ThatIsNone_IsCorrupted()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await cloud.Clients.Container(EntityNames.ReportsContainer)
            .GetBlobClient(EntityNames.ReportBlob(id, Samples.Lane))
            .UploadAsync(BinaryData.FromString("{}"), Cancel);

        await Assert.ThrowsAsync<CorruptedBlobException>(
            () => store.ReadAsync(id, Samples.Lane, Samples.Digest("{}"), Cancel));
    }
}
