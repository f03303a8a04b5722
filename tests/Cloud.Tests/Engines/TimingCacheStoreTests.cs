using Azure.Storage.Blobs;
using Pipeline.Cloud.Engines;
using Pipeline.Core.Naming;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Engines;

public sealed class TimingCacheStoreTests(CloudFixture cloud) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lane lane = new(cloud.NewTarget(), "ort-1.29.0-cpu");
    private readonly TimingCacheStore store = new(cloud.Clients);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Store_NoneYet_IsFetchedAgainFromTheLanesPath()
    {
        Assert.Null(await store.TryFetchAsync(lane, folder.PathOf("before"), Cancel));
        Assert.False(File.Exists(folder.PathOf("before")));

        Assert.True(await StoreAsync("first", etag: null));

        Assert.NotNull(await FetchAsync("first"));
        BlobClient blob = cloud.Clients.Container("caches").GetBlobClient($"{lane.Target}--{lane.Runtime}/timing.cache");
        Assert.True(await blob.ExistsAsync(Cancel));
    }

    [Fact]
    public async Task Store_OverTheOneThatWasFetched_ReplacesIt()
    {
        await StoreAsync("first", etag: null);

        Assert.True(await StoreAsync("second", await FetchAsync("first")));

        await FetchAsync("second");
    }

    [Fact]
    public async Task Store_AnotherCameFirst_LeavesIt()
    {
        await StoreAsync("first", etag: null);
        string? before = await FetchAsync("first");
        await StoreAsync("winner", before);

        Assert.False(await StoreAsync("loser", before));
        Assert.False(await StoreAsync("loser", etag: null));

        await FetchAsync("winner");
    }

    public void Dispose() => folder.Dispose();

    private async Task<bool> StoreAsync(string content, string? etag)
    {
        string path = folder.PathOf("stored");
        await File.WriteAllTextAsync(path, content, Cancel);
        return await store.TryStoreAsync(lane, path, etag, Cancel);
    }

    private async Task<string?> FetchAsync(string expected)
    {
        string path = folder.PathOf("fetched");
        string? etag = await store.TryFetchAsync(lane, path, Cancel);
        Assert.Equal(expected, await File.ReadAllTextAsync(path, Cancel));
        return etag;
    }
}
