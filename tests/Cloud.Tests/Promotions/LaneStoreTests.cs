using System.Collections.Immutable;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Promotions;

public sealed class LaneStoreTests(CloudFixture cloud)
{
    private static readonly Lane Gpu = new("sm_75", "trt-11.1.0.106");

    private readonly LaneStore store = new(cloud.Clients);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lanes_WithProgressBesideThem_AreListedApart()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await store.CreateAsync(id, Samples.LaneRecord(Gpu), Cancel);
        await store.CreateAsync(id, Samples.LaneRecord(Samples.Lane), Cancel);
        await store.WriteProgressAsync(id, Gpu, Progress("build"), Cancel);
        await store.WriteProgressAsync(id, Gpu, Progress("benchmark"), Cancel);

        ImmutableArray<LaneRecord> lanes = await store.ListAsync(id, Cancel);
        ImmutableSortedDictionary<Lane, LaneProgress> progress = await store.ListProgressAsync(id, Cancel);

        Assert.Equal([Samples.Lane, Gpu], lanes.Select(l => l.Lane));
        Assert.Equal("benchmark", Assert.Single(progress).Value.Stage);
        Assert.True(progress.ContainsKey(Gpu));
    }

    [Fact]
    public async Task Lane_CreatedTwice_KeepsTheFirst()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");

        Assert.True(await store.CreateAsync(id, Samples.LaneRecord(Gpu), Cancel));
        Assert.False(await store.CreateAsync(id, Samples.LaneRecord(Gpu) with { Attempt = 9 }, Cancel));

        Assert.Equal(1, (await store.ReadAsync(id, Gpu, Cancel))?.Value.Attempt);
    }

    [Fact]
    public async Task Update_ByManyAtOnce_LosesNoneOfThem()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await store.CreateAsync(id, Samples.LaneRecord(Gpu), Cancel);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => store.UpdateAsync(
            id, Gpu, l => l with { Attempt = l.Attempt + 1 }, Cancel)));

        Assert.Equal(11, (await store.ReadAsync(id, Gpu, Cancel))?.Value.Attempt);
    }

    [Fact]
    public async Task Update_OfALaneWithoutARow_IsNull() =>
        Assert.Null(await store.UpdateAsync(new ModelVersion(cloud.NewName("model"), "1"), Gpu, l => l, Cancel));

    private static LaneProgress Progress(string stage) =>
        new() { Attempt = 1, Stage = stage, Worker = "w", StartedAt = Samples.Now, UpdatedAt = Samples.Now };
}
