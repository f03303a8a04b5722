using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>When an edge says that requests may come: one model never keeps it from the others.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task Ready_Edge_StaysSoWhileTheFirstVersionOfANewModelIsFetched()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", Engine(1));
        edge.Engines.Gate = new TaskCompletionSource();
        edge.Publish(
            edge.Route("add", edge.Version("add", "1", Engine(1))), edge.Route("new", edge.Version("new", "1", Engine(2))));
        await edge.WaitReportAsync(r => r.Revision == 2, "the new model is routed");

        Assert.Equal(HttpStatusCode.OK, await AskAsync(edge, "/v2/health/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(edge, "/v2/models/new/ready"));
    }

    [Fact]
    public async Task Edge_ThatStarts_WaitsForWhatLoadsAndNotForWhatItCannotRun()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        var gate = new TaskCompletionSource();
        edge.Engines.Gate = gate;
        RoutedVersion large = edge.Version("large", "1", Engine(2));
        (string runtime, RoutedEngine engine) = large.Engines.Single();
        large = large with { Engines = large.Engines.SetItem(runtime, engine with { SizeBytes = long.MaxValue / 4 }) };
        edge.Publish(edge.Route("add", edge.Version("add", "1", Engine(1))), edge.Route("large", large));
        await edge.WaitReportAsync(r => r.Revision == 1, "the routes are followed");
        Assert.False(edge.State.IsReady);

        gate.SetResult();
        await edge.WaitReadyAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(edge, "/v2/models/large/ready"));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Model: "large", Status: EdgeEngineStatus.MemoryExceeded }), "the lack is reported");
    }

    [Fact]
    public async Task Edge_WithNothingToServe_IsNotReady()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        edge.Publish(edge.Route("add", edge.Version("add", "1", "not an engine"u8.ToArray())));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Failed }), "it failed");
        Assert.False(edge.State.IsReady);
    }

    private static async Task<HttpStatusCode> AskAsync(EdgeHarness edge, string path) =>
        (await edge.SendAsync(new HttpRequestMessage(HttpMethod.Get, path))).Status;

    private static byte[] Engine(int number) => TestEngines.Build(TinyOnnx.Add(number));
}
