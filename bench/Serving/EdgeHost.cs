using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;
using Pipeline.Edge.Sources;
using Pipeline.Engines;

namespace Pipeline.Bench.Serving;

/// <summary>
/// The edge itself on Kestrel, in this process so that its allocations can be counted; its signed route and its engine come
/// from memory instead of storage.
/// </summary>
internal sealed class EdgeHost : IRouteSource, IEngineSource, IFleetSink, IAsyncDisposable
{
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(60);

    private readonly byte[] engine;
    private readonly DevelopmentSigner signer;
    private readonly WebApplication app;
    private byte[] snapshot = [];

    private EdgeHost(byte[] engine, IEngineBackend backend, string folder)
    {
        this.engine = engine;
        signer = DevelopmentSigner.Open(Path.Combine(folder, "signing.pem"));
        BackendProbe probe = backend.Probe();
        Options = new EdgeOptions
        {
            Target = probe.Targets[0],
            Runtime = probe.Runtime!,
            Urls = "http://127.0.0.1:0",
            CacheDirectory = Path.Combine(folder, "cache"),
        };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(backend);
        builder.Services.AddSingleton(
            new TrustedKeys(new Dictionary<string, byte[]> { [signer.KeyId] = signer.PublicKey }));
        builder.Services.AddSingleton<IRouteSource>(this);
        builder.Services.AddSingleton<IEngineSource>(this);
        builder.Services.AddSingleton<IFleetSink>(this);
        builder.AddEdge(Options);
        app = builder.Build();
        app.MapProtocol();
    }

    public EdgeOptions Options { get; }

    public Uri Address => new(app.Urls.First());

    public static async Task<EdgeHost> StartAsync(
        byte[] engine, IEngineBackend backend, string folder, CancellationToken cancellationToken)
    {
        var host = new EdgeHost(engine, backend, folder);
        host.snapshot = await host.SignSnapshotAsync(cancellationToken);
        await host.app.StartAsync(cancellationToken);
        EdgeState state = host.app.Services.GetRequiredService<EdgeState>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReadyDeadline);
        while (!state.IsReady) await Task.Delay(20, deadline.Token);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        signer.Dispose();
    }

    Task<RouteReading> IRouteSource.ReadAsync(string? knownETag, CancellationToken cancellationToken) =>
        Task.FromResult(knownETag is null ? new RouteReading(snapshot, "1") : RouteReading.Unchanged(knownETag));

    Task IEngineSource.DownloadAsync(RoutedEngine routed, string path, CancellationToken cancellationToken) =>
        File.WriteAllBytesAsync(path, engine, cancellationToken);

    Task IFleetSink.ReportAsync(FleetReport report, CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<byte[]> SignSnapshotAsync(CancellationToken cancellationToken)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(engine));
        var statement = new EngineStatement
        {
            Model = Classifier.Model,
            Version = "1",
            Lane = Options.Lane,
            EngineDigest = digest,
            EvidenceDigest = digest,
        };
        var stable = new RoutedVersion
        {
            Version = "1",
            AcceptanceNumber = 1,
            Profiles = [Classifier.Profile],
            Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add(Options.Runtime, new RoutedEngine
            {
                EngineKey = digest,
                EngineDigest = digest,
                SizeBytes = engine.Length,
                Statement = await Envelopes.SignAsync(
                    signer, SignedEnvelope.EngineStatementType, PipelineJson.Write(statement), cancellationToken),
            }),
        };
        var routes = new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = Options.Target,
            Revision = 1,
            Routes = [new Route { Model = Classifier.Model, Target = Options.Target, Stable = stable }],
        };
        return PipelineJson.Write(await Envelopes.SignAsync(
            signer, SignedEnvelope.RouteSnapshotType, PipelineJson.Write(routes), cancellationToken));
    }
}
