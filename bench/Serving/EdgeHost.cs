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
using Pipeline.Edge.Loading;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;
using Pipeline.Edge.Sources;
using Pipeline.Engines;
using Route = Pipeline.Core.Routing.Route;

namespace Pipeline.Bench.Serving;

/// <summary>
/// The edge itself on Kestrel, in this process so that its allocations can be counted; its signed routes and its engines
/// come from memory instead of storage.
/// </summary>
internal sealed class EdgeHost : IRouteSource, IEngineSource, IFleetSink, IAsyncDisposable
{
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, byte[]> engines = new(StringComparer.Ordinal);
    private readonly DevelopmentSigner signer;
    private readonly WebApplication app;
    private (byte[] Blob, long Revision) snapshot;

    private EdgeHost(IEngineBackend backend, TimeSpan pollInterval, string folder)
    {
        signer = DevelopmentSigner.Open(Path.Combine(folder, "signing.pem"));
        BackendProbe probe = backend.Probe();
        Options = new EdgeOptions
        {
            Target = probe.Targets[0],
            Runtime = probe.Runtime!,
            Urls = "http://127.0.0.1:0",
            CacheDirectory = Path.Combine(folder, "cache"),
            RoutePollInterval = pollInterval,
        };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(backend);
        builder.Services.AddSingleton(
            new TrustedKeys(new Dictionary<string, byte[]> { [signer.KeyId] = signer.PublicKey }));
        builder.Services.AddSingleton<IRouteSource>(this);
        builder.Services.AddSingleton<IEngineSource>(this);
        builder.Services.AddSingleton<IFleetSink>(this);
        builder.AddEdge(Options);
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.MapProtocol();
    }

    public EdgeOptions Options { get; }

    public Uri Address => new(app.Urls.First());

    public EdgeState State => app.Services.GetRequiredService<EdgeState>();

    public EngineShelf Shelf => app.Services.GetRequiredService<EngineShelf>();

    /// <summary>An edge that serves these, one version of each model.</summary>
    /// <param name="pollInterval">How often it looks for other routes.</param>
    public static async Task<EdgeHost> StartAsync(
        IReadOnlyList<ServedEngine> stable, TimeSpan pollInterval, IEngineBackend backend, string folder,
        CancellationToken cancellationToken)
    {
        var host = new EdgeHost(backend, pollInterval, folder);
        await host.SignAsync(stable, cancellationToken);
        await host.app.StartAsync(cancellationToken);
        await host.SettledAsync(stable, cancellationToken);
        return host;
    }

    /// <summary>Publishes the next revision and waits until the edge serves it.</summary>
    public async Task PublishAsync(IReadOnlyList<ServedEngine> stable, CancellationToken cancellationToken)
    {
        await SignAsync(stable, cancellationToken);
        await SettledAsync(stable, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        signer.Dispose();
    }

    Task<RouteReading> IRouteSource.ReadAsync(
        string target, int replica, string? knownETag, CancellationToken cancellationToken)
    {
        (byte[] blob, long revision) = snapshot;
        string etag = $"{revision}";
        return Task.FromResult(knownETag == etag ? RouteReading.Unchanged(etag) : new RouteReading(blob, etag));
    }

    Task IEngineSource.DownloadAsync(RoutedEngine routed, string path, CancellationToken cancellationToken) =>
        File.WriteAllBytesAsync(path, engines[routed.EngineDigest], cancellationToken);

    Task IFleetSink.ReportAsync(FleetReport report, CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task SettledAsync(IReadOnlyList<ServedEngine> stable, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ReadyDeadline);
        while (!stable.All(s => State.Table.Models.TryGetValue(s.Model.Name, out ModelRoute? route)
            && route.Stable?.Version == s.Version)) await Task.Delay(10, deadline.Token);
    }

    private async Task SignAsync(IReadOnlyList<ServedEngine> stable, CancellationToken cancellationToken)
    {
        long revision = snapshot.Revision + 1;
        var routes = ImmutableArray.CreateBuilder<Route>();
        foreach (ServedEngine served in stable) routes.Add(await RouteAsync(served, revision, cancellationToken));
        var next = new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = Options.Target,
            Revision = revision,
            Routes = routes.ToImmutable(),
        };
        byte[] blob = PipelineJson.Write(await Envelopes.SignAsync(
            signer, SignedEnvelope.RouteSnapshotType, PipelineJson.Write(next), cancellationToken));
        snapshot = (blob, revision);
    }

    private async Task<Route> RouteAsync(ServedEngine served, long revision, CancellationToken cancellationToken)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(served.Engine));
        engines[digest] = served.Engine;
        var statement = new EngineStatement
        {
            Model = served.Model.Name,
            Version = served.Version,
            Lane = Options.LaneOn(Options.Target),
            EngineDigest = digest,
            EvidenceDigest = digest,
        };
        var stable = new RoutedVersion
        {
            Version = served.Version,
            AcceptanceNumber = revision,
            Profiles = [served.Model.Profile],
            Batching = served.Model.Batching,
            Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add(Options.Runtime, new RoutedEngine
            {
                EngineKey = digest,
                EngineDigest = digest,
                SizeBytes = served.Engine.Length,
                Statement = await Envelopes.SignAsync(
                    signer, SignedEnvelope.EngineStatementType, PipelineJson.Write(statement), cancellationToken),
            }),
        };
        return new Route { Model = served.Model.Name, Target = Options.Target, Stable = stable };
    }
}
