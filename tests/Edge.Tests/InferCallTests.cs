using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;

namespace Pipeline.Edge.Tests;

/// <summary>What a call does about requests whose connection is scripted.</summary>
public sealed class InferCallTests : IDisposable
{
    private static readonly AsyncLocal<int> Ambient = new();

    private readonly EdgeCounters counters = new();
    private readonly InferCallPool pool;

    public InferCallTests()
    {
        var state = new EdgeState();
        state.Publish(new RouteTable
        {
            Revisions = ImmutableSortedDictionary<string, long>.Empty.Add("cpu-x64-avx2", 1),
            Models = new Dictionary<string, ModelRoute> { ["add"] = new("add", null, null, 0) }.ToFrozenDictionary(),
            Statuses = [],
            Wanted = [],
        });
        var options = new EdgeOptions();
        pool = new InferCallPool(new InferServices(
            state, new AdmissionGate(options), counters, options, TimeProvider.System, NullLogger<InferenceHandler>.Instance));
    }

    [Fact]
    public async Task Requests_OneAfterAnother_EachHaveWhatIsAmbientInTheirOwn()
    {
        InferCall first = pool.Rent();
        for (int i = 1; i <= 3; i++)
        {
            Ambient.Value = i;
            int seen = 0;
            InferCall call = i == 1 ? first : pool.Rent();
            Assert.Same(first, call);
            await ServeAsync(call, Request(() =>
            {
                seen = Ambient.Value;
                throw new InvalidOperationException();
            }));
            Assert.Equal((i, i), (seen, Ambient.Value));
        }
    }

    [Fact]
    public async Task Failure_ThatNobodyExpected_IsCountedAsA500()
    {
        HttpContext http = Request(() => throw new InvalidOperationException());
        await ServeAsync(pool.Rent(), http);
        Assert.Equal(500, http.Response.StatusCode);
        Assert.Equal([new(500, 1)], counters.Refused);
    }

    [Fact]
    public async Task Client_WhoseConnectionClosedBeforeTheRequestIsAborted_IsCountedAsGone()
    {
        HttpContext http = Request(() => throw new OperationCanceledException());
        http.Features.Set<IConnectionLifetimeFeature>(new Closed());
        Assert.False(http.RequestAborted.IsCancellationRequested);
        await ServeAsync(pool.Rent(), http);
        Assert.Equal(1, counters.ClientsGone);
        Assert.Empty(counters.Refused);
    }

    public void Dispose() => pool.Dispose();

    private static Task ServeAsync(InferCall call, HttpContext http)
    {
        Assert.True(InferAddress.TryParse("/v2/models/add/infer", out InferAddress address));
        return call.ServeAsync(http, address);
    }

    private static DefaultHttpContext Request(Action read)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new ScriptedBody(read);
        return http;
    }

    private sealed class ScriptedBody(Action read) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            read();
            return new(0);
        }
    }

    private sealed class Closed : IConnectionLifetimeFeature
    {
        public CancellationToken ConnectionClosed { get; set; } = new(canceled: true);

        public void Abort()
        {
        }
    }
}
