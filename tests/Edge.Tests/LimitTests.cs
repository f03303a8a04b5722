using System.Net;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task Requests_BeyondTheLimit_AreToldToComeBack()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), configure: o => o with { MaximumConcurrentRequests = 1 });
        var body = new HeldContent("""{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[1,0,0,0]}]}""");
        Task<InferAnswer> first = edge.SendAsync(new(HttpMethod.Post, "/v2/models/add/infer") { Content = body });
        await EdgeHarness.Until(() => edge.Gate.InFlight == 1, "the first is in flight");

        InferAnswer second = await edge.SendAsync(InferCall.Row("add", 1));
        body.Release();

        Assert.Equal(HttpStatusCode.TooManyRequests, second.Status);
        Assert.Equal("The edge is full: 1 requests are in flight. Try again shortly.", second.Detail);
        Assert.Equal("1", second.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("add", 1))).Status);
    }

    [Fact]
    public async Task Bodies_BeyondTheMemory_AreToldToComeBack()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)),
            configure: o => o with { MaximumBodyBytes = 1000, MaximumBufferedBytes = 1000 });
        var body = new HeldContent(
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[1,0,0,0]}]}""" + new string(' ', 900));
        Task<InferAnswer> first = edge.SendAsync(new(HttpMethod.Post, "/v2/models/add/infer") { Content = body });
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes > 900, "the first is in flight");

        InferAnswer second = await edge.SendAsync(InferCall.Row("add", 1));
        body.Release();

        Assert.Equal(HttpStatusCode.TooManyRequests, second.Status);
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("add", 1))).Status);
        Assert.Equal(0, edge.Gate.BufferedBytes);
    }

    [Fact]
    public async Task Models_NotNamedInTheSettings_AreNotLoaded()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync(o => o with { Models = ["mine"] });
        edge.Publish(
            edge.Route("mine", edge.Version("mine", "1", TestEngines.Build(TinyOnnx.Add(1)))),
            edge.Route("other", edge.Version("other", "1", TestEngines.Build(TinyOnnx.Add(2)))));
        await edge.WaitReadyAsync();
        Assert.Single(edge.Engines.Downloads);
        Assert.Equal(HttpStatusCode.NotFound, (await edge.SendAsync(InferCall.Row("other", 1))).Status);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("mine", 1))).Status);
    }
}
