using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>Counts what the whole process allocates, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Requests = 4000;
    private const int Clients = 16;

    /// <summary>
    /// One task of 72 bytes (the empty handler needs one of its own only where a body comes in two reads), and room for what
    /// goes on beside the requests (routes are polled, the fleet is told).
    /// </summary>
    private const int OwnBytesMaximum = 110;

    [Theory]
    [InlineData(1)]
    [InlineData(Clients)]
    public async Task Request_WithBinaryTensors_AllocatesLittleBeyondTheServersOwn(int clients)
    {
        // What goes on beside the requests is rare here, so that a machine that is slow for other reasons adds little of it.
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", TestEngines.Build(TinyOnnx.Add(1)), Profiles.Rows(8),
            o => o with { RoutePollInterval = TimeSpan.FromSeconds(2), ReportInterval = TimeSpan.FromMinutes(1) });
        await using WebApplication empty = await StartEmptyAsync();
        byte[] json = [.. """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"parameters":{"binary_data_size":16}}],"""u8,
            .. "\"parameters\":{\"binary_data_output\":true}}"u8];
        byte[] data = MemoryMarshal.AsBytes<float>([1f, 2, 3, 4]).ToArray();
        RawClient[] toEdge = Connect(edge.Client.BaseAddress!, clients, json, data);
        RawClient[] toEmpty = Connect(new Uri(empty.Urls.First()), clients, json, data);

        Measure(toEdge);
        Measure(toEmpty);
        double ours = Enumerable.Range(0, 3).Min(_ => Measure(toEdge));
        double control = Measure(toEmpty);

        TestContext.Current.SendDiagnosticMessage("{0} clients: edge {1:0}, empty handler {2:0} bytes a request", clients, ours, control);
        Assert.True(ours - control <= OwnBytesMaximum, $"A request takes {ours} bytes; an empty handler {control}.");
        foreach (RawClient client in toEdge.Concat(toEmpty)) client.Dispose();
    }

    private static RawClient[] Connect(Uri address, int count, byte[] json, byte[] data) =>
        [.. Enumerable.Range(0, count).Select(_ => new RawClient(address, "/v2/models/add/infer", json, data))];

    private static double Measure(RawClient[] clients)
    {
        int answered = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Thread[] threads = [.. clients.Select(client => new Thread(() =>
        {
            for (int i = 0; i < Requests / clients.Length; i++)
            {
                if (client.Ask()) Interlocked.Increment(ref answered);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(Requests / clients.Length * clients.Length, answered);
        return (double)allocated / answered;
    }

    /// <summary>The same server with a handler that only reads the body and answers with as many headers.</summary>
    private static async Task<WebApplication> StartEmptyAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        byte[] body = new byte[150];
        app.Use((RequestDelegate _) => async http =>
        {
            while (true)
            {
                System.IO.Pipelines.ReadResult read = await http.Request.BodyReader.ReadAsync();
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }

            http.Response.ContentLength = body.Length;
            await http.Response.BodyWriter.WriteAsync(body);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
