using System.Collections.Immutable;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Promotions;

public sealed class PromotionStoreTests(CloudFixture cloud)
{
    private readonly PromotionStore store = new(cloud.Clients);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acceptance_OfVersionsInTurn_GivesRisingNumbers()
    {
        string model = cloud.NewName("model");

        await AcceptAsync(new ModelVersion(model, "b"));
        await AcceptAsync(new ModelVersion(model, "a"));

        Assert.Equal(1, (await store.ReadAsync(new ModelVersion(model, "b"), Cancel))?.Value.AcceptanceNumber);
        Assert.Equal(2, (await store.ReadAsync(new ModelVersion(model, "a"), Cancel))?.Value.AcceptanceNumber);
        Assert.Equal(3, (await store.ReadHeadAsync(model, Cancel)).NextNumber);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Acceptance_OfTwoVersionsUnderOneNumber_LetsOneThrough(int acceptedBefore)
    {
        string model = cloud.NewName("model");
        for (int i = 0; i < acceptedBefore; i++) await AcceptAsync(new ModelVersion(model, $"before-{i}"));
        AcceptanceHead head = await store.ReadHeadAsync(model, Cancel);

        bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => store.AcceptAsync(
            Samples.Promotion(new ModelVersion(model, $"v{i}"), head.NextNumber), head, replaced: null, Cancel)));

        Assert.Single(won, w => w);
        Assert.Equal(head.NextNumber + 1, (await store.ReadHeadAsync(model, Cancel)).NextNumber);
        ImmutableArray<Stored<Promotion>> rows = await store.ListAsync(model, Cancel);
        Assert.Equal(acceptedBefore + 1, rows.Length);
    }

    [Fact]
    public async Task Acceptance_OfAVersionThatHasARow_LeavesTheHeadAsItWas()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await AcceptAsync(id);
        AcceptanceHead head = await store.ReadHeadAsync(id.Model, Cancel);

        bool again = await store.AcceptAsync(Samples.Promotion(id, head.NextNumber), head, replaced: null, Cancel);

        Assert.False(again);
        Assert.Equal(head, await store.ReadHeadAsync(id.Model, Cancel));
        Assert.Equal(1, (await store.ReadAsync(id, Cancel))?.Value.AcceptanceNumber);
    }

    [Fact]
    public async Task Acceptance_AfterARefusal_ReplacesItsRowOnce()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        Assert.True(await store.CreateAsync(Samples.Promotion(id, number: null), Cancel));
        Assert.False(await store.CreateAsync(Samples.Promotion(id, number: null), Cancel));
        Stored<Promotion> refused = (await store.ReadAsync(id, Cancel))!;
        AcceptanceHead head = await store.ReadHeadAsync(id.Model, Cancel);

        Assert.True(await store.AcceptAsync(Samples.Promotion(id, head.NextNumber), head, refused, Cancel));
        AcceptanceHead next = await store.ReadHeadAsync(id.Model, Cancel);
        Assert.False(await store.AcceptAsync(Samples.Promotion(id, next.NextNumber), next, refused, Cancel));

        Assert.Equal(1, (await store.ReadAsync(id, Cancel))?.Value.AcceptanceNumber);
    }

    [Fact]
    public async Task Acceptance_WithAnotherNumberThanTheHeads_IsABug()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        AcceptanceHead head = await store.ReadHeadAsync(id.Model, Cancel);

        await Assert.ThrowsAsync<ArgumentException>(
            () => store.AcceptAsync(Samples.Promotion(id, 7), head, replaced: null, Cancel));
    }

    [Fact]
    public async Task Write_OverAStaleRead_IsRefused()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await AcceptAsync(id);
        Stored<Promotion> read = (await store.ReadAsync(id, Cancel))!;

        Assert.True(await store.TryWriteAsync(read, read.Value with { StateReason = "first" }, Cancel));
        Assert.False(await store.TryWriteAsync(read, read.Value with { StateReason = "second" }, Cancel));

        Assert.Equal("first", (await store.ReadAsync(id, Cancel))?.Value.StateReason);
    }

    [Fact]
    public async Task Update_ByManyAtOnce_LosesNoneOfThem()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await AcceptAsync(id);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => store.UpdateAsync(
            id,
            p => p with { Notices = p.Notices.Add(new PromotionNotice { At = Samples.Now, Text = $"{i}" }) },
            Cancel)));

        Promotion after = (await store.ReadAsync(id, Cancel))!.Value;
        Assert.Equal(Enumerable.Range(0, 12), after.Notices.Select(n => int.Parse(n.Text, null)).Order());
    }

    [Fact]
    public async Task Update_ThatDecidesNothing_WritesNothing()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await AcceptAsync(id);
        Stored<Promotion> before = (await store.ReadAsync(id, Cancel))!;

        Promotion? result = await store.UpdateAsync(id, _ => null, Cancel);

        Assert.Equal(before.Value.StateReason, result?.StateReason);
        Assert.Equal(before.ETag, (await store.ReadAsync(id, Cancel))?.ETag);
        Assert.Null(await store.UpdateAsync(id with { Version = "none" }, p => p, Cancel));
    }

    [Fact]
    public async Task Update_UnderARowThatNeverRests_GivesUp()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await AcceptAsync(id);
        int tries = 0;

        Task Update() => store.UpdateAsync(
            id,
            p =>
            {
                tries++;
                // Another writer comes first, each time.
                store.UpdateAsync(id, q => q with { StateReason = $"{tries}" }, Cancel).GetAwaiter().GetResult();
                return p;
            },
            Cancel);

        await Assert.ThrowsAsync<UpdateConflictException>(Update);
        Assert.InRange(tries, 2, 1000);
    }

    [Theory]
    [InlineData(PromotionState.Accepted, true)]
    [InlineData(PromotionState.Building, true)]
    [InlineData(PromotionState.Gated, true)]
    [InlineData(PromotionState.RollingOut, true)]
    [InlineData(PromotionState.Live, true)]
    [InlineData(PromotionState.Held, true)]
    [InlineData(PromotionState.Rejected, false)]
    [InlineData(PromotionState.Failed, false)]
    [InlineData(PromotionState.Cancelled, false)]
    [InlineData(PromotionState.RolledBack, false)]
    [InlineData(PromotionState.Superseded, false)]
    [InlineData(PromotionState.Retired, false)]
    public async Task OpenList_OfAState_HoldsWhatHasNotEnded(PromotionState state, bool open)
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        await AcceptAsync(id);

        await store.UpdateAsync(id, p => p with { State = state }, Cancel);

        ImmutableArray<Stored<Promotion>> listed = await store.ListOpenAsync(Cancel);
        Assert.Equal(open, listed.Any(p => p.Value.Id == id));
    }

    [Fact]
    public async Task List_OfOneModel_IsNewestFirstAndHoldsNoOther()
    {
        string model = cloud.NewName("model");
        await AcceptAsync(new ModelVersion(model, "z"), Samples.Now);
        await AcceptAsync(new ModelVersion(model, "A.1_x-y"), Samples.Now.AddHours(2));
        await AcceptAsync(new ModelVersion(model, "m"), Samples.Now.AddHours(1));
        await AcceptAsync(new ModelVersion(model + "-other", "1"), Samples.Now);

        string[] versions = [.. (await store.ListAsync(model, Cancel)).Select(p => p.Value.Version)];
        string[] models = [.. (await store.ListAsync(model: null, Cancel)).Select(p => p.Value.Model).Distinct()];

        Assert.Equal(["A.1_x-y", "m", "z"], versions);
        Assert.Contains(model, models);
        Assert.Contains(model + "-other", models);
    }

    private async Task AcceptAsync(ModelVersion id, DateTimeOffset? uploadedAt = null)
    {
        AcceptanceHead head = await store.ReadHeadAsync(id.Model, Cancel);
        Promotion promotion = Samples.Promotion(id, head.NextNumber) with { UploadedAt = uploadedAt ?? Samples.Now };
        Assert.True(await store.AcceptAsync(promotion, head, replaced: null, Cancel));
    }
}
