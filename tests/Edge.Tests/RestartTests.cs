using System.Net;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

public sealed class RestartTests
{
    [Fact]
    public async Task Edge_RestartedWithoutTheCloud_ServesTheLastKnownRoutes()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(5)));
        edge.Routes.IsAway = true;
        edge.Engines.Files.Clear();

        await edge.RestartAsync();
        await edge.WaitReadyAsync();
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 1));

        Assert.Equal([6f, 5, 5, 5], answer.Floats());
        Assert.Single(edge.Engines.Downloads);
        await edge.WaitReportAsync(r => r.Revision == 1, "the cached revision is reported");
    }

    [Fact]
    public async Task Edge_RestartedOverARottenEngineFile_FetchesItAgain()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(5)));
        await edge.StopAsync();
        string file = Assert.Single(Directory.GetFiles(Path.Combine(edge.CacheDirectory, "engines")));
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        await edge.RestartAsync();
        await edge.WaitReadyAsync();

        Assert.Equal(2, edge.Engines.Downloads.Count);
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 1));
        Assert.Equal([6f, 5, 5, 5], answer.Floats());
    }

    [Fact]
    public async Task Edge_RestartedOverAChangedSnapshotFile_DoesNotFollowIt()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(5)));
        edge.Routes.IsAway = true;
        await edge.StopAsync();
        string file = Assert.Single(Directory.GetFiles(edge.CacheDirectory, "routes-*.json"));
        using var stranger = new TestSigner();
        await File.WriteAllBytesAsync(
            file, edge.Snapshot(
                9, stranger, edge.Route("add", edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(5))))),
            TestContext.Current.CancellationToken);

        await edge.RestartAsync();
        await edge.WaitReportAsync(
            r => r is { Revision: 0, SnapshotFault: "No signature of a trusted key fits the envelope." },
            "the fault is reported");
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Equal("This edge has no routes yet.", answer.Detail);
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable, (await edge.SendAsync(new(HttpMethod.Get, "/v2/health/ready"))).Status);
    }

    [Fact]
    public async Task Edge_WhoseStorageGoesAway_GoesOnServing()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(5)));
        edge.Routes.IsAway = true;
        int reads = edge.Routes.Reads;
        await EdgeHarness.Until(() => edge.Routes.Reads > reads + 2, "several reads have failed");
        Assert.True(edge.State.IsReady);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("add", 1))).Status);
    }
}
