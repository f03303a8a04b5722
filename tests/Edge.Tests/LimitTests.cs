using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests;

public sealed class LimitTests
{
    private const string Row = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[1,0,0,0]}]}""";

    [Fact]
    public async Task Requests_BeyondTheLimit_AreToldToComeBack()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), configure: o => o with { MaximumConcurrentRequests = 1 });
        var body = new HeldContent(Row);
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
            configure: o => o with { MaximumBodyBytes = 2000, MaximumBufferedBytes = 2200 });
        var body = new HeldContent(Row + new string(' ', 1900));
        Task<InferAnswer> first = edge.SendAsync(new(HttpMethod.Post, "/v2/models/add/infer") { Content = body });
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes > 1900, "the first is in flight");

        InferAnswer second = await edge.SendAsync(InferCall.Json("add", Row + new string(' ', 300)));
        body.Release();

        Assert.Equal(HttpStatusCode.TooManyRequests, second.Status);
        Assert.Equal("The edge is full: the requests in flight take 2200 bytes. Try again shortly.", second.Detail);
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("add", 1))).Status);
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes == 0, "all is given back");
    }

    [Fact]
    public async Task Answer_BeyondTheMemory_IsToldToComeBack()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), configure: o => o with { MaximumBodyBytes = 100, MaximumBufferedBytes = 200 });
        InferAnswer answer = await edge.SendAsync(InferCall.Json("add", Row));
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes == 0, "all is given back");
    }

    [Fact]
    public async Task Bodies_OnlyAnnounced_TakeNothingFromOthers()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)),
            configure: o => o with { MaximumBodyBytes = 64 << 20, MaximumBufferedBytes = 65 << 20 });
        TcpClient[] clients = [.. await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AnnounceAsync(edge, 64 << 20)))];
        await EdgeHarness.Until(() => edge.Gate.InFlight == clients.Length, "all are in flight");

        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 1));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        foreach (TcpClient client in clients) client.Dispose();
    }

    [Fact]
    public async Task Body_LargerThanWhatIsSetAsideAtFirst_ArrivesWhole()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "same", TestEngines.Build(TinyOnnx.Identity(ElementType.Float32)));
        float[] values = [.. Enumerable.Range(0, 100_000).Select(i => (float)i)];
        string binary =
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[100000],"parameters":{"binary_data_size":400000}}],""" +
            """ "parameters":{"binary_data_output":true}}""" + new string(' ', 100_000);
        string json =
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[100000],"data":[""" + string.Join(',', values) + "]}]}";

        InferAnswer fromBinary = await edge.SendAsync(InferCall.Binary("same", binary, MemoryMarshal.AsBytes<float>(values)));
        InferAnswer fromJson = await edge.SendAsync(InferCall.Json("same", json));

        Assert.Equal(values, fromBinary.BinaryFloats());
        Assert.Equal(values, fromJson.Floats());
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes == 0, "all is given back");
    }

    [Fact]
    public async Task Body_ThatTakesTooLong_IsRefused()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), configure: o => o with { BodyTimeout = TimeSpan.FromMilliseconds(100) });
        using TcpClient slow = await AnnounceAsync(edge, 1000);

        using var answer = new StreamReader(slow.GetStream());
        Assert.Equal("HTTP/1.1 408 Request Timeout", await answer.ReadLineAsync(TestContext.Current.CancellationToken));
        while (await answer.ReadLineAsync(TestContext.Current.CancellationToken) is not "")
        {
        }

        char[] start = new char[200];
        int count = await answer.ReadAsync(start, TestContext.Current.CancellationToken);
        Assert.Contains("The body took longer than 0.1 seconds to arrive.", new string(start, 0, count), StringComparison.Ordinal);
        await EdgeHarness.Until(() => edge.Gate.InFlight == 0, "it is let out");
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes == 0, "all is given back");
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("add", 1))).Status);
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

    private static async Task<TcpClient> AnnounceAsync(EdgeHarness edge, int bytes)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", edge.Client.BaseAddress!.Port, cancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v2/models/add/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes}\r\n\r\n{{"),
            cancellationToken);
        return client;
    }
}
