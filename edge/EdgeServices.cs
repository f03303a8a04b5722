using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Serving;
using Pipeline.Engines;

namespace Pipeline.Edge;

/// <summary>
/// Puts the edge together. What it stands on - settings, keys, sources, backend - is registered by the caller.
/// </summary>
internal static class EdgeServices
{
    public static void AddEdge(this WebApplicationBuilder builder, EdgeOptions options)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(options);
        services.TryAddSingleton(s => s.GetRequiredService<IEngineBackend>().Probe());
        services.AddSingleton(TimeProvider.System);
        services.AddLoading(options);
        services.AddRouting(options);
        services.AddMeasuring();
        services.AddServing();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = options.DrainDelay + options.StopTimeout);
        // A line for each request would cost more than the request.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Bodies have their bound in RequestBody. The server's own would break the connection before its sender has
            // read why.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxConcurrentConnections = options.MaximumConnections;
        });
    }

    private static void AddLoading(this IServiceCollection services, EdgeOptions options)
    {
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<EngineCache>(s, options.CacheDirectory));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<LoadJournal>(s, options.CacheDirectory));
        services.AddSingleton<LastGoodEngines>();
        services.AddSingleton<EngineMemory>();
        services.AddSingleton<EngineLoader>();
        services.AddSingleton<EngineShelf>();
    }

    private static void AddRouting(this IServiceCollection services, EdgeOptions options)
    {
        services.AddSingleton<EdgeState>();
        services.AddSingleton<RouteTableBuilder>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<SnapshotCache>(s, options.CacheDirectory));
        services.AddSingleton<RouteApplier>();
        services.AddSingleton<ISnapshotFollower>(s => s.GetRequiredService<RouteApplier>());
        services.AddHostedService(s => s.GetRequiredService<RouteApplier>());
        foreach (string target in options.Followed)
        {
            services.AddSingleton<IHostedService>(s => ActivatorUtilities.CreateInstance<RouteFollower>(s, target, new Random()));
        }
    }

    private static void AddMeasuring(this IServiceCollection services)
    {
        services.AddSingleton<StatisticsBook>();
        services.AddSingleton<EdgeCounters>();
        services.AddSingleton<MetricsText>();
        services.AddHostedService<FleetReporter>();
    }

    private static void AddServing(this IServiceCollection services)
    {
        services.AddSingleton<AdmissionGate>();
        services.AddSingleton<InferServices>();
        services.AddSingleton<InferCallPool>();
        services.AddSingleton<InferenceHandler>();
        services.AddHostedService<GracefulStop>();
    }
}
