using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Core.Fleet;
using Pipeline.Core.Json;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;
using Pipeline.Edge.Sources;
using Pipeline.Engines;
using Pipeline.Testing;
using Route = Pipeline.Core.Routing.Route;

namespace Pipeline.Edge.Tests.Support;

/// <summary>The whole edge on a real Kestrel with real engines; only the cloud is in memory.</summary>
internal sealed class EdgeHarness : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestSigner signer = new();
    private readonly IEngineBackend backend;
    private readonly EdgeOptions options;
    private WebApplication? app;
    private long revision;

    private EdgeHarness(Func<EdgeOptions, EdgeOptions>? configure, IEngineBackend? backend)
    {
        this.backend = backend ?? TestEngines.Backend;
        options = new EdgeOptions
        {
            Target = TestEngines.Probe.Targets[0],
            Runtime = TestEngines.Probe.Runtime!,
            Urls = "http://127.0.0.1:0",
            RoutePollInterval = TimeSpan.FromMilliseconds(30),
            ReportInterval = TimeSpan.FromMilliseconds(50),
            CacheDirectory = folder.PathOf("cache"),
        };
        options = configure?.Invoke(options) ?? options;
        Routes = new MemoryRoutes(options.Followed[0]);
    }

    /// <summary>The edge's time: the machine's own until the test makes its wall clock jump.</summary>
    public JumpingClock Clock { get; } = new();

    public MemoryRoutes Routes { get; }

    public MemoryEngines Engines { get; } = new();

    public MemoryFleet Fleet { get; } = new();

    public HttpClient Client { get; private set; } = new();

    public EdgeState State => app!.Services.GetRequiredService<EdgeState>();

    public AdmissionGate Gate => app!.Services.GetRequiredService<AdmissionGate>();

    public EngineShelf Shelf => app!.Services.GetRequiredService<EngineShelf>();

    public EngineScheduler Scheduler(string model) => State.Table.Models[model].Stable!.Engine.Scheduler;

    public BatchPlan Plan(string model) => State.Table.Models[model].Stable!.Plan;

    public string CacheDirectory => options.CacheDirectory;

    /// <summary>The last published revision.</summary>
    public long Revision => revision;

    /// <summary>The revision of the first target that the edge follows.</summary>
    public long FollowedRevision => State.Table.RevisionOf(options.Followed[0]);

    public static async Task<EdgeHarness> StartAsync(
        Func<EdgeOptions, EdgeOptions>? configure = null, IEngineBackend? backend = null, Action<EdgeHarness>? prepare = null)
    {
        var harness = new EdgeHarness(configure, backend);
        prepare?.Invoke(harness);
        await harness.RunAsync();
        return harness;
    }

    /// <summary>An edge that serves one model, version 1.</summary>
    public static async Task<EdgeHarness> ServeAsync(
        string model, byte[] engine, ShapeProfile? profile = null, Func<EdgeOptions, EdgeOptions>? configure = null,
        IEngineBackend? backend = null, BatchingPolicy? batching = null)
    {
        EdgeHarness harness = await StartAsync(configure, backend);
        RoutedVersion version = harness.Version(model, "1", engine, profile) with { Batching = batching };
        harness.Publish(harness.Route(model, version));
        await harness.WaitReadyAsync();
        return harness;
    }

    /// <summary>A version with its engine stored and signed.</summary>
    public RoutedVersion Version(
        string model, string version, byte[] engine, ShapeProfile? profile = null, string? target = null)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(engine));
        Engines.Files[digest] = engine;
        return new RoutedVersion
        {
            Version = version,
            AcceptanceNumber = 1,
            Profiles = profile is null ? [] : [profile],
            Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add(options.Runtime, new RoutedEngine
            {
                EngineKey = new string('a', 64),
                EngineDigest = digest,
                SizeBytes = engine.Length,
                Statement = signer.State(model, version, options.LaneOn(target ?? options.Target), digest),
            }),
        };
    }

    public Route Route(string model, RoutedVersion stable, RoutedVersion? candidate = null, int weight = 0) => new()
    {
        Model = model,
        Target = options.Target,
        Stable = stable,
        Candidate = candidate,
        CandidateWeight = weight,
    };

    /// <summary>Publishes the next revision.</summary>
    public long Publish(params Route[] routes)
    {
        Routes.Publish(Snapshot(++revision, signer, routes));
        return revision;
    }

    /// <summary>Publishes the next revision of another target.</summary>
    public void PublishOn(string target, params Route[] routes) => Routes.Publish(
        Snapshot(target, ++revision, signer, [.. routes.Select(r => r with { Target = target })]), target);

    public byte[] Snapshot(long number, TestSigner by, params Route[] routes) => Snapshot(options.Target, number, by, routes);

    public byte[] Snapshot(long number, params Route[] routes) => Snapshot(number, signer, routes);

    public byte[] Snapshot(string target, long number, params Route[] routes) => Snapshot(target, number, signer, routes);

    private static byte[] Snapshot(string target, long number, TestSigner by, Route[] routes) => PipelineJson.Write(by.Sign(
        SignedEnvelope.RouteSnapshotType,
        new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = target,
            Revision = number,
            Routes = [.. routes],
        }));

    /// <summary>Whom the edge trusts.</summary>
    public TestSigner Signer => signer;

    /// <summary>The trusted keys as a file holds them.</summary>
    public byte[] TrustedKeysJson => signer.PublicJson;

    public Task WaitReadyAsync() => Until(() => State.IsReady, "the edge is ready");

    public Task WaitServingAsync(string model, string stable, string? candidate = null) => Until(
        () => State.Table.Models.TryGetValue(model, out ModelRoute? route) && route.Stable?.Version == stable
            && route.Candidate?.Version == candidate,
        $"'{model}' serves {stable} and {candidate}");

    public Task WaitReportAsync(Func<FleetReport, bool> condition, string what) =>
        Until(() => Fleet.Last is { } last && condition(last), what);

    public static Task Until(Func<bool> condition, string what) => Eventually.Async(
        _ => Task.FromResult(condition()), what, TestContext.Current.CancellationToken);

    /// <summary>What SIGTERM does.</summary>
    public Task StopHostAsync() => app!.StopAsync(CancellationToken.None);

    public async Task StopAsync()
    {
        if (app is null) return;
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        app = null;
        Client.Dispose();
    }

    /// <summary>Starts a new process, as it were, over the same cache.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Fleet.Clear();
        await RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        signer.Dispose();
        folder.Dispose();
    }

    private async Task RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(backend);
        builder.Services.AddSingleton(signer.Trusted);
        builder.Services.AddSingleton<IRouteSource>(Routes);
        builder.Services.AddSingleton<IEngineSource>(Engines);
        builder.Services.AddSingleton<IFleetSink>(Fleet);
        builder.AddEdge(options);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        app = builder.Build();
        app.MapProtocol();
        await app.StartAsync(TestContext.Current.CancellationToken);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
    }
}
