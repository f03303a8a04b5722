using Azure.Storage.Blobs;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Builds;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Engines;

public sealed class EngineStoreTests(CloudFixture cloud) : IDisposable
{
    private readonly EngineStore store = new(cloud.Clients);
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Engine_OnceCommitted_IsFoundAndDownloaded()
    {
        string key = NewKey();
        Assert.Null(await store.TryReadManifestAsync(key, Cancel));
        EngineManifest manifest = await UploadAsync(key, "abc", "worker-1");

        Assert.Equal(manifest, await store.CommitAsync(manifest, Cancel));

        Assert.Equal(manifest, await store.TryReadManifestAsync(key, Cancel));
        await store.DownloadAsync(key, manifest.EngineDigest, 3, folder.PathOf("engine"), Cancel);
        Assert.Equal("abc", await File.ReadAllTextAsync(folder.PathOf("engine"), Cancel));
    }

    [Fact]
    public async Task Commit_ByManyWorkersAtOnce_LeavesOneEngineThatAllName()
    {
        string key = NewKey();
        EngineManifest[] built = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => UploadAsync(key, $"en{i}", $"worker-{i}")));

        EngineManifest[] told = await Task.WhenAll(built.Select(m => store.CommitAsync(m, Cancel)));

        EngineManifest winner = Assert.Single(told.Distinct());
        Assert.Contains(winner, built);
        Assert.Equal(winner, await store.TryReadManifestAsync(key, Cancel));
        Assert.Equal(
            [EntityNames.EngineBlob(key, winner.EngineDigest), EntityNames.ManifestBlob(key)],
            (await BlobsAsync(key)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Commit_RepeatedByOneWorker_KeepsItsEngine()
    {
        string key = NewKey();
        EngineManifest manifest = await UploadAsync(key, "abc", "worker-1");
        await store.CommitAsync(manifest, Cancel);
        await UploadAsync(key, "abc", "worker-1");

        Assert.Equal(manifest, await store.CommitAsync(manifest with { BuiltBy = "worker-2" }, Cancel));

        await store.DownloadAsync(key, manifest.EngineDigest, 3, folder.PathOf("engine"), Cancel);
    }

    [Fact]
    public async Task Download_OfAnEngineThatIsGone_SaysSo() =>
        await Assert.ThrowsAsync<MissingBlobException>(() => store.DownloadAsync(
            NewKey(), Samples.Digest("x"), 3, folder.PathOf("engine"), Cancel));

    [Theory]
    [InlineData("abd")]
    [InlineData("ab")]
    [InlineData("abcd")]
    public async Task Download_OfACorruptedEngine_LeavesTheFileThatWasThere(string bytes)
    {
        string key = NewKey();
        string digest = Samples.Digest("abc");
        await Container.GetBlobClient(EntityNames.EngineBlob(key, digest))
            .UploadAsync(BinaryData.FromString(bytes), Cancel);
        await File.WriteAllTextAsync(folder.PathOf("engine"), "old", Cancel);

        await Assert.ThrowsAsync<CorruptedBlobException>(
            () => store.DownloadAsync(key, digest, 3, folder.PathOf("engine"), Cancel));

        Assert.Equal("old", await File.ReadAllTextAsync(folder.PathOf("engine"), Cancel));
        Assert.Single(Directory.GetFiles(folder.Root));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"schema":2}""")]
    public async Task Manifest_ThatIsNone_IsCorrupted(string json)
    {
        string key = NewKey();
        await Container.GetBlobClient(EntityNames.ManifestBlob(key)).UploadAsync(BinaryData.FromString(json), Cancel);

        await Assert.ThrowsAsync<CorruptedBlobException>(() => store.TryReadManifestAsync(key, Cancel));
    }

    [Fact]
    public async Task Manifest_OfAnotherKey_IsCorrupted()
    {
        string key = NewKey();
        EngineManifest other = await UploadAsync(NewKey(), "abc", "worker-1");
        await Container.GetBlobClient(EntityNames.ManifestBlob(key))
            .UploadAsync(BinaryData.FromBytes(Core.Json.PipelineJson.Write(other)), Cancel);

        await Assert.ThrowsAsync<CorruptedBlobException>(() => store.TryReadManifestAsync(key, Cancel));
    }

    private BlobContainerClient Container => cloud.Clients.Container(EntityNames.EnginesContainer);

    private string NewKey() => Samples.Digest(cloud.NewName("key"));

    private async Task<EngineManifest> UploadAsync(string key, string engine, string worker)
    {
        string digest = Samples.Digest(engine);
        using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(engine));
        await store.UploadEngineAsync(key, digest, content, Cancel);
        return Samples.Manifest(key, digest, worker);
    }

    private async Task<List<string>> BlobsAsync(string key) => await Container
        .GetBlobsAsync(prefix: key, cancellationToken: Cancel).Select(b => b.Name).ToListAsync(Cancel);
}
