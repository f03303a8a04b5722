using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>What happens to requests that wait, and to those whose senders do not behave.</summary>
public sealed class QueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_BeyondTheQueue_AreToldToComeBack()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await ServeAsync(backend, o => o with { MaximumQueuedRequests = 2 });
        backend.Shut();
        Task<InferAnswer>[] taken = [edge.SendAsync(InferCall.Row("add", 0))];
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        taken = [.. taken, edge.SendAsync(InferCall.Row("add", 1)), edge.SendAsync(InferCall.Row("add", 2))];
        await EdgeHarness.Until(() => edge.Scheduler("add").QueueDepth == 2, "the queue is full");

        InferAnswer refused = await edge.SendAsync(InferCall.Row("add", 3));
        backend.Open();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("The edge is full: 2 requests wait for model 'add'. Try again shortly.", refused.Detail);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.All(await Task.WhenAll(taken), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await edge.WaitReportAsync(r => r.Counters is [{ Requests: 3, Errors: 0 }], "a full queue is no error of the version");
    }

    [Fact]
    public async Task Request_WhoseTimeIsOver_IsAnsweredThenAndNotRun()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await ServeAsync(backend);
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");

        // The lane stays busy: only the deadline can bring the answer.
        InferAnswer late = await edge.SendAsync(InferCall.Row("add", 1).With("x-request-timeout-ms", "30"));
        backend.Open();

        Assert.Equal(HttpStatusCode.GatewayTimeout, late.Status);
        Assert.Equal("The time that header 'x-request-timeout-ms' gives was over before the run.", late.Detail);
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        InferAnswer inTime = await edge.SendAsync(InferCall.Row("add", 2).With("x-request-timeout-ms", "3600000"));
        Assert.Equal(HttpStatusCode.OK, inTime.Status);
        Assert.Equal([1L, 1], backend.Rows);
        await edge.WaitReportAsync(r => r.Counters is [{ Requests: 2, Errors: 0 }], "the sender's hurry is no error of the version");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("3600001")]
    [InlineData("soon")]
    public async Task Timeout_ThatIsNoNumberOfMilliseconds_IsRefused(string timeout)
    {
        await using EdgeHarness edge = await ServeAsync(new GatedBackend());
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0).With("x-request-timeout-ms", timeout));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal($"Header 'x-request-timeout-ms' is '{timeout}', not 1 to 3600000 milliseconds.", answer.Detail);
    }

    [Fact]
    public async Task Request_WhoseClientIsGone_IsNotRun()
    {
        var backend = new GatedBackend();
        await using EdgeHarness edge = await ServeAsync(backend);
        backend.Shut();
        Task<InferAnswer> first = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        using (TcpClient client = await SendRawAsync(edge, Body(4)))
            await EdgeHarness.Until(() => edge.Scheduler("add").QueueDepth == 1, "the request waits");
        // The deadline's sweep sees first that the connection is closed.
        InferAnswer late = await edge.SendAsync(InferCall.Row("add", 1).With("x-request-timeout-ms", "50"));
        await EdgeHarness.Until(() => edge.Scheduler("add").QueueDepth == 0 || edge.Gate.InFlight == 2, "it is looked at");
        backend.Open();

        await first;
        Assert.Equal(HttpStatusCode.GatewayTimeout, late.Status);
        await EdgeHarness.Until(() => edge.Gate.InFlight == 0, "all have ended");
        Assert.Equal([1L], backend.Rows);
    }

    [Fact]
    public async Task Client_ThatDoesNotReadItsAnswer_HoldsNoLane()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "same", TestEngines.Build(TinyOnnx.Identity(Pipeline.Engines.ElementType.Float32)),
            configure: o => o with { ExecutionLanes = 1 });
        const int elements = 4 << 20;
        using TcpClient slow = new() { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync("127.0.0.1", edge.Client.BaseAddress!.Port, Cancellation);
        await slow.GetStream().WriteAsync(Body(elements, "same", $"[{elements}]"), Cancellation);
        await EdgeHarness.Until(
            () => edge.Fleet.Last is { Counters: [{ Requests: 1 }] }, "the big answer is there, though nobody reads it");

        InferAnswer next = await edge.SendAsync(InferCall.Json(
            "same", """{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[5]}]}"""));
        Assert.Equal([5f], next.Floats());
        // The body, the outputs, and the answer in the server's buffers.
        Assert.InRange(edge.Gate.BufferedBytes, 12 * elements, 13 * elements);
        slow.Dispose();
        await EdgeHarness.Until(() => edge.Gate.BufferedBytes == 0, "its memory is given back");
    }

    [Fact]
    public async Task Input_ThatIsNotANumber_PassesThrough()
    {
        await using EdgeHarness edge = await ServeAsync(new GatedBackend());
        InferAnswer answer = await edge.SendAsync(InferCall.Rows("add", 1, float.NaN, float.PositiveInfinity, 1, -1));
        Assert.Equal([float.NaN, float.PositiveInfinity, 2, 0], answer.BinaryFloats());
    }

    [Fact]
    public async Task Connections_ByTheThousand_AreAllServed()
    {
        const int connections = 1000;
        await using EdgeHarness edge = await ServeAsync(new GatedBackend());
        var clients = new List<TcpClient>();
        try
        {
            for (int i = 0; i < connections; i++) clients.Add(await SendRawAsync(edge, Body(4)[..^1]));
            await EdgeHarness.Until(() => edge.Gate.InFlight == connections, "all are in flight");
            foreach (TcpClient client in clients) await client.GetStream().WriteAsync(new byte[1], Cancellation);
            byte[] start = new byte[12];
            foreach (TcpClient client in clients)
            {
                await client.GetStream().ReadExactlyAsync(start, Cancellation);
                string status = Encoding.ASCII.GetString(start);
                Assert.True(status is "HTTP/1.1 200" or "HTTP/1.1 429", status);
            }
        }
        finally
        {
            foreach (TcpClient client in clients) client.Dispose();
        }

        await EdgeHarness.Until(() => edge.Gate.InFlight == 0, "all have ended");
        Assert.Equal(0, edge.Gate.BufferedBytes);
        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync(InferCall.Row("add", 1))).Status);
    }

    private static Task<EdgeHarness> ServeAsync(GatedBackend backend, Func<EdgeOptions, EdgeOptions>? configure = null) =>
        EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), configure: o => (configure?.Invoke(o) ?? o) with { ExecutionLanes = 1 },
            backend: backend);

    private static byte[] Body(int elements, string model = "add", string shape = "[1,4]")
    {
        string json = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":" + shape +
            ",\"parameters\":{\"binary_data_size\":" + 4 * elements + "}}],\"parameters\":{\"binary_data_output\":true}}";
        string head = $"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: {json.Length}\r\n" +
            $"Content-Length: {json.Length + 4 * elements}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head + json), .. MemoryMarshal.AsBytes<float>(new float[elements])];
    }

    private static async Task<TcpClient> SendRawAsync(EdgeHarness edge, byte[] bytes)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", edge.Client.BaseAddress!.Port, Cancellation);
        await client.GetStream().WriteAsync(bytes, Cancellation);
        return client;
    }
}
