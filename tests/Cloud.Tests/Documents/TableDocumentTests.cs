using Azure.Data.Tables;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Documents;

public sealed class TableDocumentTests(CloudFixture cloud)
{
    [Theory]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(200 * 1024)]
    [InlineData(900 * 1024)]
    public async Task Document_OfAnySizeThatFits_ComesBackFromTheTable(int length)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TableClient table = cloud.Clients.Table(EntityNames.ModelsTable);
        string partition = cloud.NewName("document");
        Promotion written = WithReason(new string('x', length));

        await table.AddEntityAsync(TableDocument.Write(partition, "row", written), cancel);
        TableEntity read = await table.GetEntityAsync<TableEntity>(partition, "row", cancellationToken: cancel);

        Assert.Equal(written.StateReason, TableDocument.Read<Promotion>(read).StateReason);
    }

    [Fact]
    public async Task Document_ThatShrinks_LeavesNoOldBytesBehind()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        var table = new DocumentTable(cloud.Clients.Table(EntityNames.ModelsTable));
        string partition = cloud.NewName("document");
        Promotion large = WithReason(new string('x', 200 * 1024));
        Assert.True(await table.TryCreateAsync(TableDocument.Write(partition, "row", large), cancel));

        await table.UpdateAsync<Promotion>(
            partition,
            "row",
            p => p with { StateReason = "small" },
            p => TableDocument.Write(partition, "row", p),
            cancel);

        Stored<Promotion>? read = await table.ReadAsync<Promotion>(partition, "row", cancel);
        Assert.Equal("small", read?.Value.StateReason);
    }

    [Fact]
    public void Document_ThatFitsNoRow_IsRefusedWithItsSize()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => TableDocument.Write("p", "r", WithReason(new string('x', TableDocument.SizeBytesMaximum))));

        Assert.Contains("at most 983040", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_WithoutDocument_HasAFault()
    {
        Assert.Null(TableDocument.TryRead<Promotion>(new TableEntity("p", "r"), out string? fault));
        Assert.NotNull(fault);
    }

    private static Promotion WithReason(string reason) =>
        Samples.Promotion(new ModelVersion("m", "1"), 1) with { StateReason = reason };
}
