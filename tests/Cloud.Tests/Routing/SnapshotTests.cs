using System.Text.Json;
using Azure.Storage.Blobs;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Routing;

public sealed class SnapshotTests : IDisposable
{
    private readonly CloudFixture cloud;
    private readonly RouteStore routes;
    private readonly SnapshotPublisher publisher;
    private readonly SnapshotSource source;
    private readonly TemporaryFolder folder = new();
    private readonly DevelopmentSigner signer;

    public SnapshotTests(CloudFixture cloud)
    {
        this.cloud = cloud;
        routes = new RouteStore(cloud.Clients);
        publisher = Samples.Publisher(cloud.Clients);
        source = new SnapshotSource(cloud.Clients);
        signer = DevelopmentSigner.Open(folder.PathOf("key.pem"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        signer.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Snapshot_OfATargetWithoutChanges_IsNotWritten()
    {
        string target = cloud.NewTarget();

        Assert.Equal(0, await publisher.PublishAsync(target, signer, Cancel));

        Assert.IsType<SnapshotRead.Absent>(await source.ReadAsync(target, 0, known: null, Cancel));
    }

    [Fact]
    public async Task Snapshot_AfterAChange_IsSignedAndWhole()
    {
        string target = cloud.NewTarget();
        await ChangeAsync(target);

        Assert.Equal(1, await publisher.PublishAsync(target, signer, Cancel));

        RouteSnapshot snapshot = Open(await FetchAsync(target));
        Assert.Equal((target, 1L), (snapshot.Target, snapshot.Revision));
        Assert.Equal("v1", Assert.Single(snapshot.Routes).Stable?.Version);
    }

    [Fact]
    public async Task Snapshot_ThatTheEdgeKnows_IsNotModifiedUntilTheNextRevision()
    {
        string target = cloud.NewTarget();
        await ChangeAsync(target);
        await publisher.PublishAsync(target, signer, Cancel);
        SnapshotRead.Fetched known = await FetchAsync(target);

        Assert.Equal(1, await publisher.PublishAsync(target, signer, Cancel));
        Assert.IsType<SnapshotRead.NotModified>(await source.ReadAsync(target, 0, known.ETag, Cancel));

        await ChangeAsync(target);
        Assert.Equal(2, await publisher.PublishAsync(target, signer, Cancel));
        var next = Assert.IsType<SnapshotRead.Fetched>(await source.ReadAsync(target, 0, known.ETag, Cancel));
        Assert.Equal(2, Open(next).Revision);
    }

    [Fact]
    public async Task Snapshot_UnderAnotherKey_IsSignedAgain()
    {
        string target = cloud.NewTarget();
        await ChangeAsync(target);
        await publisher.PublishAsync(target, signer, Cancel);
        using DevelopmentSigner next = DevelopmentSigner.Open(folder.PathOf("next.pem"));

        await publisher.PublishAsync(target, next, Cancel);

        Assert.Equal(next.KeyId, Assert.Single(EnvelopeOf(await FetchAsync(target)).Signatures).KeyId);
    }

    [Fact]
    public async Task Snapshot_AheadOfATableThatLostChanges_IsNotTakenBack()
    {
        string target = cloud.NewTarget();
        await ChangeAsync(target);
        await publisher.PublishAsync(target, signer, Cancel);
        BlobClient blob = cloud.Clients.Container(EntityNames.RoutesContainer)
            .GetBlobClient(EntityNames.SnapshotBlob(target));
        await blob.SetMetadataAsync(
            new Dictionary<string, string> { [EntityNames.RevisionMetadata] = "9" }, cancellationToken: Cancel);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => publisher.PublishAsync(target, signer, Cancel));

        Assert.Contains("'9'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_PublishedByManyWhileRoutesChange_NeverGoesDown()
    {
        const int Changes = 15;
        string target = cloud.NewTarget();
        await ChangeAsync(target);
        await publisher.PublishAsync(target, signer, Cancel);
        using var done = new CancellationTokenSource();

        Task<List<long>> watching = WatchAsync(target, done.Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (int i = 0; i < Changes; i++)
            {
                await ChangeAsync(target);
                await publisher.PublishAsync(target, signer, Cancel);
            }
        }));
        await done.CancelAsync();
        List<long> seen = await watching;

        Assert.Equal(seen.Order(), seen);
        long revision = (await routes.ReadTargetAsync(target, Cancel)).Revision;
        Assert.Equal(1 + 4 * Changes, revision);
        Assert.Equal(revision, Open(await FetchAsync(target)).Revision);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Snapshot_OvertakenByANewerOne_IsNotWrittenOverIt(int publishedBefore)
    {
        string target = cloud.NewTarget();
        await ChangeAsync(target);
        for (int i = 0; i < publishedBefore; i++) await publisher.PublishAsync(target, signer, Cancel);
        await ChangeAsync(target);
        // Between reading and writing of the first, another publishes the next revision.
        var slow = new InterruptedSigner(signer, async () =>
        {
            await ChangeAsync(target);
            Assert.Equal(3, await publisher.PublishAsync(target, signer, Cancel));
        });

        Assert.Equal(3, await publisher.PublishAsync(target, slow, Cancel));

        RouteSnapshot snapshot = Open(await FetchAsync(target));
        Assert.Equal((3, "v3"), (snapshot.Revision, snapshot.Routes[0].Stable?.Version));
    }

    [Fact]
    public async Task Snapshot_LargerThanAny_IsNotRead()
    {
        string target = cloud.NewTarget();
        byte[] bytes = new byte[SnapshotCheck.SizeBytesMaximum + 1];
        await cloud.Clients.Container(EntityNames.RoutesContainer).GetBlobClient(EntityNames.SnapshotBlob(target))
            .UploadAsync(BinaryData.FromBytes(bytes), Cancel);

        SnapshotRead read = await source.ReadAsync(target, 0, known: null, Cancel);

        Assert.Equal(new SnapshotRead.TooLarge(bytes.Length), read);
    }

    private async Task<List<long>> WatchAsync(string target, CancellationToken done)
    {
        var seen = new List<long>();
        while (!done.IsCancellationRequested) seen.Add(Open(await FetchAsync(target)).Revision);
        return seen;
    }

    private async Task ChangeAsync(string target)
    {
        ApplyResult result;
        do
        {
            TargetState state = await routes.ReadTargetAsync(target, Cancel);
            RouteState after = Samples.Route("ocr", target, $"v{state.Revision + 1}");
            result = await routes.ApplyAsync(
                Samples.Change(state.Revision, state.Find("ocr"), after), Samples.Now, Cancel);
        }
        while (result is ApplyResult.Moved);
    }

    private async Task<SnapshotRead.Fetched> FetchAsync(string target) =>
        Assert.IsType<SnapshotRead.Fetched>(await source.ReadAsync(target, 0, known: null, Cancel));

    private static SignedEnvelope EnvelopeOf(SnapshotRead.Fetched fetched) =>
        JsonSerializer.Deserialize<SignedEnvelope>(fetched.Bytes, PipelineJson.Options)!;

    private RouteSnapshot Open(SnapshotRead.Fetched fetched)
    {
        var trusted = new TrustedKeys(new Dictionary<string, byte[]> { [signer.KeyId] = signer.PublicKey });
        byte[]? payload = trusted.Open(EnvelopeOf(fetched), SignedEnvelope.RouteSnapshotType, out string? fault);
        Assert.Null(fault);
        return PipelineJson.Read<RouteSnapshot>(payload);
    }

    private sealed class InterruptedSigner(ISigner signer, Func<Task> interruption) : ISigner
    {
        private int interrupted;

        public string KeyId => signer.KeyId;

        public async Task<byte[]> SignAsync(byte[] bytes, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref interrupted, 1) == 0) await interruption();
            return await signer.SignAsync(bytes, cancellationToken);
        }
    }
}
