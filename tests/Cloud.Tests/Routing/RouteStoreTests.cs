using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Events;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Routing;

public sealed class RouteStoreTests(CloudFixture cloud)
{
    private readonly RouteStore store = new(cloud.Clients);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Target_WithoutAnyChange_IsAtRevisionZero()
    {
        TargetState state = await store.ReadTargetAsync(cloud.NewTarget(), Cancel);

        Assert.Equal(0, state.Revision);
        Assert.Empty(state.Routes);
    }

    [Fact]
    public async Task Change_ThatHolds_WritesRouteRevisionHistoryAndEvent()
    {
        string target = cloud.NewTarget();
        RouteState first = Samples.Route("ocr", target, "1");
        RouteState second = Samples.Route("ocr", target, "2");

        Assert.Equal(new ApplyResult.Applied(1), await ApplyAsync(Samples.Change(0, null, first)));
        Assert.Equal(new ApplyResult.Applied(2), await ApplyAsync(Samples.Change(1, first, second)));

        TargetState state = await store.ReadTargetAsync(target, Cancel);
        Assert.Equal(2, state.Revision);
        Assert.Equal("2", state.Find("ocr")?.Route.Stable?.Version);
        ImmutableArray<RouteHistoryEntry> history = await store.HistoryAsync(target, 10, Cancel);
        Assert.Equal([2, 1], history.Select(h => h.Revision));
        Assert.Equal("1", history[0].Before?.Stable?.Version);
        Assert.Equal("2", history[0].After.Stable?.Version);
        Assert.Equal(("local", "The gates passed.", Samples.Now), (history[0].Who, history[0].Why, history[0].At));
        Assert.Null(history[1].Before);
        Assert.Equal(2, Assert.Single(await store.HistoryAsync(target, 1, Cancel)).Revision);
        Assert.Contains(target, await store.ListTargetsAsync(Cancel));
    }

    [Fact]
    public async Task Outbox_AfterChanges_HoldsTheirEventsOldestFirstUntilRemoved()
    {
        string target = cloud.NewTarget();
        RouteState first = Samples.Route("ocr", target, "1");
        await ApplyAsync(Samples.Change(0, null, first));
        await ApplyAsync(Samples.Change(1, first, Samples.Route("ocr", target, "2")));

        ImmutableArray<OutboxEvent> unsent = await store.OutboxAsync(target, Cancel);

        Assert.Equal([1, 2], unsent.Select(e => e.Revision));
        Assert.Equal(EventTypes.RouteChanged, unsent[1].Event.Type);
        PipelineNotice? notice = System.Text.Json.JsonSerializer.Deserialize<PipelineNotice>(
            unsent[1].Event.Data, PipelineJson.Options);
        Assert.Equal(
            new PipelineNotice
            {
                Model = "ocr",
                Version = "2",
                Target = target,
                Revision = 2,
                Reason = "The gates passed.",
            },
            notice);
        await store.RemoveOutboxAsync(unsent[0], Cancel);
        await store.RemoveOutboxAsync(unsent[0], Cancel);
        Assert.Equal(2, Assert.Single(await store.OutboxAsync(target, Cancel)).Revision);
    }

    [Fact]
    public async Task Change_ThatWithdraws_NamesTheWithdrawnVersion()
    {
        string target = cloud.NewTarget();
        RouteState stable = Samples.Route("ocr", target, "1");
        Route rolling = stable.Route with
        {
            Candidate = stable.Route.Stable! with { Version = "2" },
            CandidateWeight = 500,
        };
        await ApplyAsync(Samples.Change(0, null, stable with { Route = rolling }));

        await ApplyAsync(Samples.Change(1, stable with { Route = rolling }, stable) with
        {
            EventType = EventTypes.RolloutWithdrawn,
        });

        CloudEventData data = (await store.OutboxAsync(target, Cancel)).Select(e => CloudEventData.Of(e)).Last();
        Assert.Equal((EventTypes.RolloutWithdrawn, "2"), (data.Type, data.Version));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Change_DecidedOnAnotherRevision_IsRefusedWhole(long expected)
    {
        string target = cloud.NewTarget();
        RouteState first = Samples.Route("ocr", target, "1");
        await ApplyAsync(Samples.Change(0, null, first));

        ApplyResult result = await ApplyAsync(Samples.Change(expected, first, Samples.Route("ocr", target, "2")));

        Assert.IsType<ApplyResult.Moved>(result);
        TargetState state = await store.ReadTargetAsync(target, Cancel);
        Assert.Equal(1, state.Revision);
        Assert.Equal("1", state.Find("ocr")?.Route.Stable?.Version);
        Assert.Single(await store.HistoryAsync(target, 10, Cancel));
        Assert.Single(await store.OutboxAsync(target, Cancel));
    }

    [Fact]
    public async Task Batch_WithOneStaleRow_WritesNothing()
    {
        string target = cloud.NewTarget();
        RouteState first = Samples.Route("ocr", target, "1");
        await ApplyAsync(Samples.Change(0, null, first));
        var table = new DocumentTable(cloud.Clients.Table(EntityNames.RoutesTable));
        var row = new TableEntity(target, "history|x");

        bool written = await table.TrySubmitAsync(
            [
                DocumentTable.Expecting(row, null),
                DocumentTable.Expecting(new TableEntity(target, EntityNames.RevisionRow), new ETag("W/\"stale\"")),
            ],
            Cancel);

        Assert.False(written);
        Assert.Null(await table.ReadRowAsync(target, "history|x", Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Read_ThatSawHalfAChange_IsNotTrusted(long revisionSeen)
    {
        string target = cloud.NewTarget();
        RouteState first = Samples.Route("ocr", target, "1");
        await ApplyAsync(Samples.Change(0, null, first));
        await ApplyAsync(Samples.Change(1, first, Samples.Route("ocr", target, "2")));
        // What a reader sees whose pages lie before and after a change: route and revision do not belong together.
        await cloud.Clients.Table(EntityNames.RoutesTable).UpdateEntityAsync(
            new TableEntity(target, EntityNames.RevisionRow) { ["Revision"] = revisionSeen },
            ETag.All,
            TableUpdateMode.Replace,
            Cancel);

        await Assert.ThrowsAsync<UpdateConflictException>(() => store.ReadTargetAsync(target, Cancel));
    }

    [Fact]
    public async Task Changes_ByTwentyAtOnce_GiveTwentyRevisionsAndEntries()
    {
        const int Writers = 20;
        string target = cloud.NewTarget();

        await Task.WhenAll(Enumerable.Range(0, Writers)
            .Select(i => ChangeUntilAppliedAsync(target, $"model-{i % 4}", i)));

        TargetState state = await store.ReadTargetAsync(target, Cancel);
        ImmutableArray<RouteHistoryEntry> history = await store.HistoryAsync(target, 100, Cancel);
        Assert.Equal(Writers, state.Revision);
        Assert.Equal(4, state.Routes.Length);
        Assert.Equal(Enumerable.Range(1, Writers).Reverse().Select(r => (long)r), history.Select(h => h.Revision));
        Assert.Equal(Writers, (await store.OutboxAsync(target, Cancel)).Length);
        // Each entry goes on from what the one before it left: no change was decided on a state that had moved.
        foreach (IEnumerable<RouteHistoryEntry> ofModel in history.Reverse().GroupBy(h => h.After.Model))
        {
            string? last = null;
            foreach (RouteHistoryEntry entry in ofModel)
            {
                Assert.Equal(last, entry.Before?.Stable?.Version);
                last = entry.After.Stable?.Version;
            }

            Assert.Equal(last, state.Find(ofModel.First().After.Model)?.Route.Stable?.Version);
        }
    }

    [Fact]
    public async Task Read_WhileChangesAreWritten_IsAlwaysOfOneRevision()
    {
        string target = cloud.NewTarget();
        Task writing = WriteManyAsync(target, 30);
        long last = 0;
        do
        {
            TargetState state = await store.ReadTargetAsync(target, Cancel);
            Assert.True(state.Revision >= last);
            last = state.Revision;
            // The writer changes a, b, a, b, ... and names each version after its revision.
            long newest = state.Routes
                .Select(r => long.Parse(r.Value.Route.Stable!.Version, null)).DefaultIfEmpty().Max();
            Assert.Equal(state.Revision, newest);
        }
        while (!writing.IsCompleted);
        await writing;
    }

    private async Task WriteManyAsync(string target, int count)
    {
        for (int i = 0; i < count; i++)
        {
            TargetState state = await store.ReadTargetAsync(target, Cancel);
            string model = i % 2 == 0 ? "a" : "b";
            RouteState after = Samples.Route(model, target, $"{state.Revision + 1}");
            Assert.IsType<ApplyResult.Applied>(
                await ApplyAsync(Samples.Change(state.Revision, state.Find(model), after)));
        }
    }

    private async Task ChangeUntilAppliedAsync(string target, string model, int writer)
    {
        ApplyResult result;
        do
        {
            TargetState state = await store.ReadTargetAsync(target, Cancel);
            RouteState after = Samples.Route(model, target, $"v{writer}");
            result = await ApplyAsync(Samples.Change(state.Revision, state.Find(model), after));
        }
        while (result is ApplyResult.Moved);
    }

    private Task<ApplyResult> ApplyAsync(RouteChange change) => store.ApplyAsync(change, Samples.Now, Cancel);

    private sealed record CloudEventData(string Type, string? Version)
    {
        public static CloudEventData Of(OutboxEvent unsent) =>
            new(unsent.Event.Type, unsent.Event.Data.GetProperty("version").GetString());
    }
}
