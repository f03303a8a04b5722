using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Routing;

public sealed class SnapshotReplicaTests : IDisposable
{
    private readonly CloudFixture cloud;
    private readonly RouteStore routes;
    private readonly SnapshotSource source;
    private readonly TemporaryFolder folder = new();
    private readonly DevelopmentSigner signer;
    private readonly string target;

    public SnapshotReplicaTests(CloudFixture cloud)
    {
        this.cloud = cloud;
        routes = new RouteStore(cloud.Clients);
        source = new SnapshotSource(cloud.Clients);
        signer = DevelopmentSigner.Open(folder.PathOf("key.pem"));
        target = cloud.NewTarget();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        signer.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Replicas_OfOneRevision_HoldTheSameBytes()
    {
        await ChangeAsync();

        Assert.Equal(1, await PublishAsync(replicas: 3));

        byte[][] blobs = [.. (await Task.WhenAll(Enumerable.Range(0, 3).Select(FetchAsync))).Select(f => f.Bytes)];
        Assert.All(blobs, bytes => Assert.Equal(blobs[0], bytes));
        Assert.Equal(3, Open(blobs[2]).Replicas);
        Assert.IsType<SnapshotRead.Absent>(await ReadAsync(3));
    }

    [Fact]
    public async Task Replica_ThatWasLost_IsHealedAloneByTheNextPublish()
    {
        await ChangeAsync();
        await PublishAsync(replicas: 3);
        SnapshotRead.Fetched first = await FetchAsync(0);
        await Blob(1).DeleteAsync(cancellationToken: Cancel);

        Assert.Equal(1, await PublishAsync(replicas: 3));

        Assert.Equal(1, Open((await FetchAsync(1)).Bytes).Revision);
        Assert.Equal(first.ETag, (await FetchAsync(0)).ETag);
    }

    [Fact]
    public async Task Replica_ThatMissedARevision_IsHealedByTheNextPublish()
    {
        await ChangeAsync();
        await PublishAsync(replicas: 2);
        SnapshotRead.Fetched old = await FetchAsync(1);
        await ChangeAsync();
        await PublishAsync(replicas: 2);
        await Blob(1).UploadAsync(
            new BinaryData(old.Bytes),
            new BlobUploadOptions
            {
                Metadata = new Dictionary<string, string> { [EntityNames.RevisionMetadata] = "1" },
            },
            Cancel);

        await PublishAsync(replicas: 2);

        Assert.Equal(2, Open((await FetchAsync(1)).Bytes).Revision);
    }

    [Fact]
    public async Task Replicas_BeyondTheirNumber_AreDeletedAndTheRestTellsIt()
    {
        await ChangeAsync();
        await PublishAsync(replicas: 4);

        await PublishAsync(replicas: 2);

        Assert.IsType<SnapshotRead.Absent>(await ReadAsync(2));
        Assert.IsType<SnapshotRead.Absent>(await ReadAsync(3));
        Assert.Equal(2, Open((await FetchAsync(1)).Bytes).Replicas);
    }

    [Fact]
    public async Task Replica_AheadOfTheTable_IsNotTakenBack()
    {
        await ChangeAsync();
        await PublishAsync(replicas: 2);
        await Blob(1).SetMetadataAsync(
            new Dictionary<string, string> { [EntityNames.RevisionMetadata] = "9" }, cancellationToken: Cancel);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => PublishAsync(replicas: 2));

        Assert.Contains("'9'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interval_WhenTheFleetGrew_IsToldWithoutARouteChange()
    {
        await ChangeAsync();
        await PublishAsync(replicas: 1);
        Assert.Equal(PollPlan.Shortest, Open((await FetchAsync(0)).Bytes).PollInterval);

        await ReportAsync(from: 0, to: 45);
        await PublishAsync(replicas: 1);

        SnapshotRead.Fetched grown = await FetchAsync(0);
        Assert.Equal((1, TimeSpan.FromMilliseconds(150)), (Open(grown.Bytes).Revision, Open(grown.Bytes).PollInterval));
        // Two more edges are not worth that the whole fleet reads its routes again.
        await ReportAsync(from: 45, to: 47);
        await PublishAsync(replicas: 1);
        Assert.Equal(grown.ETag, (await FetchAsync(0)).ETag);
    }

    [Fact]
    public async Task Interval_WhenEdgesStoppedReporting_NoLongerCountsThem()
    {
        await ChangeAsync();
        await ReportAsync(from: 0, to: 45);
        var later = new TestTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(15));

        await Samples.Publisher(cloud.Clients, Options(1), later).PublishAsync(target, signer, Cancel);

        Assert.Equal(PollPlan.Shortest, Open((await FetchAsync(0)).Bytes).PollInterval);
    }

    private static SnapshotOptions Options(int replicas) => new() { Replicas = replicas, PollShortest = PollPlan.Shortest };

    private Task<long> PublishAsync(int replicas) =>
        Samples.Publisher(cloud.Clients, Options(replicas)).PublishAsync(target, signer, Cancel);

    private BlobClient Blob(int replica) => cloud.Clients.Container(EntityNames.RoutesContainer)
        .GetBlobClient(EntityNames.SnapshotBlob(target, replica));

    private async Task ChangeAsync()
    {
        TargetState state = await routes.ReadTargetAsync(target, Cancel);
        RouteState after = Samples.Route("ocr", target, $"v{state.Revision + 1}");
        Assert.IsType<ApplyResult.Applied>(await routes.ApplyAsync(
            Samples.Change(state.Revision, state.Find("ocr"), after), Samples.Now, Cancel));
    }

    private Task ReportAsync(int from, int to)
    {
        var fleet = new FleetStore(cloud.Clients);
        return Task.WhenAll(Enumerable.Range(from, to - from).Select(i => fleet.ReportAsync(
            new FleetReport
            {
                Edge = $"edge-{i}",
                Target = target,
                Runtime = Samples.Lane.Runtime,
                StartId = "start",
                Revision = 1,
            },
            Cancel)));
    }

    private Task<SnapshotRead> ReadAsync(int replica) => source.ReadAsync(target, replica, known: null, Cancel);

    private async Task<SnapshotRead.Fetched> FetchAsync(int replica) =>
        Assert.IsType<SnapshotRead.Fetched>(await ReadAsync(replica));

    private RouteSnapshot Open(byte[] bytes)
    {
        var trusted = new TrustedKeys(new Dictionary<string, byte[]> { [signer.KeyId] = signer.PublicKey });
        return PipelineJson.Read<RouteSnapshot>(
            trusted.Open(PipelineJson.Read<SignedEnvelope>(bytes), SignedEnvelope.RouteSnapshotType, out _));
    }
}
