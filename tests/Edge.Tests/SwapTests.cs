using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

public sealed class SwapTests
{
    private const int Versions = 12;

    [Fact]
    public async Task Versions_SwappedUnderLoad_DropNothingAndEachAnswerIsOfOneVersion()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(i => AddingClient.AskAsync(edge, i, stop.Token))];
        var left = new List<WeakReference<ServingVersion>>();
        for (int version = 2; version <= Versions; version++)
        {
            left.Add(new(edge.State.Table.Models["add"].Stable!));
            string name = $"{version}";
            edge.Publish(edge.Route("add", edge.Version("add", name, TestEngines.Build(TinyOnnx.Add(version)))));
            await edge.WaitServingAsync("add", name);
        }

        await stop.CancelAsync();
        int asked = (await Task.WhenAll(clients)).Sum();

        Assert.True(asked > Versions, $"Only {asked} requests were answered.");
        Assert.Equal(Versions - 1, edge.State.Swaps);
        await EdgeHarness.Until(
            () => left.All(r => !r.TryGetTarget(out ServingVersion? old) || old.Engine.IsFreed), "no old engine is in memory");
        await edge.WaitReportAsync(
            r => r.Counters.Sum(c => c.Requests) == asked && r.Counters.All(c => c.Errors == 0), "all are counted");
    }

    [Fact]
    public async Task Request_InFlightDuringASwap_IsAnsweredByItsOwnVersion()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge =
            await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)), backend: backend);
        LoadedEngine first = edge.State.Table.Models["add"].Stable!.Engine;

        backend.Shut();
        Task<InferAnswer> inFlight = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the request runs");
        edge.Publish(edge.Route("add", edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)))));
        await edge.WaitServingAsync("add", "2");
        await EdgeHarness.Until(() => edge.Shelf.Find(first.Digest) is null, "the old engine has left the shelf");
        Assert.False(first.IsFreed);
        Assert.Equal(0, backend.Freed);
        backend.Open();

        InferAnswer answer = await inFlight;
        Assert.Equal("1", answer.Version);
        Assert.Equal([1f, 1, 1, 1], answer.Floats());
        await EdgeHarness.Until(
            () => first.IsFreed && backend.Freed == 1, "the old engine is freed after its last request and its lanes have ended");
        Assert.False(first.TryAcquire());
        Assert.Equal("2", (await edge.SendAsync(InferCall.Row("add", 0))).Version);
    }

    [Fact]
    public async Task Label_ThatMovesToTheSameEngine_CostsNoLoad()
    {
        byte[] engine = TestEngines.Build(TinyOnnx.Add(1));
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", engine);
        var before = edge.State.Table.Models["add"].Stable!.Engine;

        edge.Publish(edge.Route("add", edge.Version("add", "2", engine)));
        await edge.WaitServingAsync("add", "2");

        Assert.Same(before, edge.State.Table.Models["add"].Stable!.Engine);
        Assert.Single(edge.Engines.Downloads);
        Assert.Equal(1, edge.Shelf.Loads);
        Assert.Equal(0, edge.State.Swaps);
    }

    [Fact]
    public async Task Candidate_Withdrawn_IsGoneWhileAnotherEngineStillLoads()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion stable = edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)));
        edge.Publish(edge.Route("add", stable, edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2))), 10_000));
        await edge.WaitServingAsync("add", "1", "2");

        var gate = new TaskCompletionSource();
        edge.Engines.Gate = gate;
        Route other = edge.Route("other", edge.Version("other", "1", TestEngines.Build(TinyOnnx.Add(3))));
        edge.Publish(edge.Route("add", stable), other);
        await edge.WaitServingAsync("add", "1", null);

        InferAnswer unready = await edge.SendAsync(InferCall.Row("other", 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.Status);
        Assert.Equal("2", unready.Header("Retry-After"));
        Assert.Equal("Model 'other' has no engine here yet.", unready.Detail);
        Assert.Contains(edge.State.Table.Statuses, s => s is { Model: "other", Status: EdgeEngineStatus.Loading });
        gate.SetResult();
        await edge.WaitServingAsync("other", "1");
    }

    [Fact]
    public async Task Rollback_ToAnEngineOnDisk_DoesNotWaitForADownload()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion second = edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)));
        edge.Publish(edge.Route("add", second));
        await edge.WaitServingAsync("add", "2");
        var gate = new TaskCompletionSource();
        edge.Engines.Gate = gate;
        Route slow = edge.Route("slow", edge.Version("slow", "1", TestEngines.Build(TinyOnnx.Add(3))));
        edge.Publish(slow, edge.Route("add", second));
        await EdgeHarness.Until(() => edge.Engines.Downloads.Count == 3, "the download is under way");

        edge.Publish(slow, edge.Route("add", edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)))));
        await edge.WaitServingAsync("add", "1");
        Assert.Equal(3, edge.Engines.Downloads.Count);

        gate.SetResult();
        await edge.WaitServingAsync("slow", "1");
    }

    [Fact]
    public async Task Stop_WithARequestInFlight_AnswersItAndReportsALastTime()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)),
            configure: o => o with { ReportInterval = TimeSpan.FromHours(1) });
        HttpClient client = edge.Client;
        EdgeState state = edge.State;
        var body = new HeldContent("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[1,0,0,0]}]}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/add/infer") { Content = body };
        Task<HttpResponseMessage> answer = client.SendAsync(request, TestContext.Current.CancellationToken);
        await EdgeHarness.Until(() => edge.Gate.InFlight == 1, "the request is in flight");

        Task stopping = edge.StopHostAsync();
        await EdgeHarness.Until(() => !state.IsReady, "it says that it is not ready");
        Assert.False(stopping.IsCompleted);
        body.Release();

        using HttpResponseMessage response = await answer;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await stopping;
        Assert.Equal(1, Assert.Single(edge.Fleet.Last!.Counters).Requests);
    }
}
