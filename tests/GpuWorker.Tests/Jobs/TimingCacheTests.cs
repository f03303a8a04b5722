using Azure.Storage.Blobs;
using Pipeline.Cloud;
using Pipeline.Core.Builds;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Jobs;

/// <summary>All tests share one lane, and so one cache: one after another.</summary>
public sealed class TimingCacheTests(CloudFixture cloud)
{
    private BlobClient Blob => cloud.Clients.Container(EntityNames.CachesContainer)
        .GetBlobClient(EntityNames.TimingCacheBlob(Workbench.Lane));

    [Fact]
    public async Task Build_AfterBuild_GoesOnWithTheCacheOfTheLane()
    {
        await Blob.DeleteIfExistsAsync(cancellationToken: Workbench.Cancel);
        using var bench = new Workbench(cloud, TimingBackend.Create());

        await bench.BuildAsync(await bench.RequestAsync(TestModels.Tiny(bias: 101)));
        Assert.Equal("build\n", await ReadAsync());
        await bench.BuildAsync(await bench.RequestAsync(TestModels.Tiny(bias: 102)));
        Assert.Equal("build\nbuild\n", await ReadAsync());
    }

    [Fact]
    public async Task Build_BackendWithoutACache_StoresNone()
    {
        await Blob.DeleteIfExistsAsync(cancellationToken: Workbench.Cancel);
        using var bench = new Workbench(cloud);

        await bench.BuildAsync(await bench.RequestAsync(TestModels.Tiny(bias: 103)));

        Assert.False(await Blob.ExistsAsync(Workbench.Cancel));
    }

    [Fact]
    public async Task Build_AnotherStoredMeanwhile_LeavesTheOthersAndSaysSo()
    {
        await Blob.DeleteIfExistsAsync(cancellationToken: Workbench.Cancel);
        using var bench = new Workbench(cloud, TimingBackend.Create(
            () => Blob.Upload(BinaryData.FromString("winner\n"), overwrite: true, Workbench.Cancel)));

        BuildReport report = await bench.BuildAsync(await bench.RequestAsync(TestModels.Tiny(bias: 104)));

        Assert.Equal("winner\n", await ReadAsync());
        Assert.Contains(report.Log, l => l.Contains("another build of the lane stored its own meanwhile", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Build_CacheIsDamaged_BuildsWithoutItAndReplacesIt()
    {
        await Blob.UploadAsync(BinaryData.FromString("damaged"), overwrite: true, Workbench.Cancel);
        using var bench = new Workbench(cloud, TimingBackend.Create());

        BuildReport report = await bench.BuildAsync(await bench.RequestAsync(TestModels.Tiny(bias: 105)));

        Assert.Equal("build\n", await ReadAsync());
        Assert.Contains(report.Log, l => l.Contains("The timing cache cannot be used.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Build_FailsWithAndWithoutTheCache_TellsTheFirstFailure()
    {
        await Blob.UploadAsync(BinaryData.FromString("any"), overwrite: true, Workbench.Cancel);
        int builds = 0;
        using var bench = new Workbench(cloud, new HookedBackend(Workbench.Backend, _ => throw new Engines.EngineException(
            Engines.EngineErrorKind.BuildFailed, $"Failure {++builds}.")));

        JobOutcome.Failed failed = await bench.FailAsync(await bench.RequestAsync(TestModels.Tiny(bias: 106)));

        Assert.Equal(("Failure 1.", 2), (failed.Message, builds));
        Assert.Equal("any", await ReadAsync());
    }

    private async Task<string> ReadAsync() => (await Blob.DownloadContentAsync(Workbench.Cancel)).Value.Content.ToString();
}
