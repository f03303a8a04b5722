using System.Collections.Immutable;
using Azure.Data.Tables;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Fleet;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Fleet;

public sealed class FleetStoreTests(CloudFixture cloud)
{
    private readonly FleetStore store = new(cloud.Clients);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Edge_ThatReportsAgain_HasOneRowWithTheTablesTime()
    {
        string target = cloud.NewTarget();
        await store.ReportAsync(Report(target, "edge-1", 1), Cancel);
        DateTimeOffset first = Assert.Single(await store.ListAsync(target, Cancel)).ReportedAt;

        await store.ReportAsync(Report(target, "edge-1", 2), Cancel);

        FleetMember member = Assert.Single(await store.ListAsync(target, Cancel));
        Assert.Equal(2, member.Report.Revision);
        Assert.True(member.ReportedAt >= first);
        Assert.Equal(7, Assert.Single(member.Report.Counters).Requests);
    }

    [Fact]
    public async Task Edges_OfSeveralTargets_AreListedByTargetAndAllTogether()
    {
        string target = cloud.NewTarget();
        string other = cloud.NewTarget();
        await store.ReportAsync(Report(target, "a", 1), Cancel);
        await store.ReportAsync(Report(target, "b", 1), Cancel);
        await store.ReportAsync(Report(other, "a", 1), Cancel);

        ImmutableArray<FleetMember> all = await store.ListAsync(Cancel);

        Assert.Equal(["a", "b"], (await store.ListAsync(target, Cancel)).Select(m => m.Report.Edge));
        Assert.Equal(3, all.Count(m => m.Report.Target == target || m.Report.Target == other));
        await store.RemoveAsync(target, "a", Cancel);
        await store.RemoveAsync(target, "a", Cancel);
        Assert.Equal("b", Assert.Single(await store.ListAsync(target, Cancel)).Report.Edge);
    }

    [Fact]
    public async Task Row_ThatSpeaksForAnotherEdgeOrCannotBeRead_DoesNotHideTheRest()
    {
        string target = cloud.NewTarget();
        TableClient table = cloud.Clients.Table(EntityNames.FleetTable);
        await table.AddEntityAsync(new TableEntity(target, "empty"), Cancel);
        await table.AddEntityAsync(TableDocument.Write(target, "liar", Report(target, "a", 9)), Cancel);
        await table.AddEntityAsync(
            TableDocument.Write(target, "new", Report(target, "new", 1) with { Schema = 2 }), Cancel);
        await table.AddEntityAsync(
            TableDocument.Write(target, "hollow", Report(target, "hollow", 1) with { Engines = [null!] }), Cancel);
        await store.ReportAsync(Report(target, "a", 1), Cancel);

        Assert.Equal(1, Assert.Single(await store.ListAsync(target, Cancel)).Report.Revision);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public async Task Edge_WithANameThatIsNoTableKey_IsRefused(string edge) =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => store.ReportAsync(Report(cloud.NewTarget(), edge, 1), Cancel));

    private static FleetReport Report(string target, string edge, long revision) => new()
    {
        Edge = edge,
        Target = target,
        Runtime = Samples.Lane.Runtime,
        StartId = "start",
        Revision = revision,
        Counters = [new() { Model = "ocr", Version = "1", Requests = 7, Errors = 0, Latency = [7] }],
    };
}
