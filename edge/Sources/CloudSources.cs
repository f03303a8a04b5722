using Azure;
using Pipeline.Cloud.Blobs;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;

namespace Pipeline.Edge.Sources;

/// <summary>The edge's sources in the cloud: two blob containers and a table.</summary>
internal static class CloudSources
{
    public static void AddCloudSources(this WebApplicationBuilder builder, EdgeOptions options)
    {
        IServiceCollection services = builder.Services;
        services.AddPipelineCloud(builder.Configuration);
        services.AddSingleton(TrustedKeyFile.Load(options.TrustedKeys));
        services.AddSingleton<IRouteSource, CloudRoutes>();
        services.AddSingleton<IEngineSource, CloudEngines>();
        services.AddSingleton<IFleetSink, CloudFleet>();
    }

    private sealed class CloudRoutes(SnapshotSource snapshots) : IRouteSource
    {
        public async Task<RouteReading> ReadAsync(
            string target, int replica, string? knownETag, CancellationToken cancellationToken)
        {
            ETag? known = knownETag is null ? null : new ETag(knownETag);
            return await snapshots.ReadAsync(target, replica, known, cancellationToken) switch
            {
                SnapshotRead.Fetched fetched => new RouteReading(fetched.Bytes, fetched.ETag.ToString()),
                SnapshotRead.TooLarge large => throw new InvalidDataException(
                    $"The snapshot has {large.SizeBytes} bytes."),
                SnapshotRead.NotModified => RouteReading.Unchanged(knownETag!),
                _ => RouteReading.Missing,
            };
        }
    }

    private sealed class CloudEngines(EngineStore store) : IEngineSource
    {
        public async Task DownloadAsync(RoutedEngine engine, string path, CancellationToken cancellationToken)
        {
            try
            {
                await store.DownloadAsync(
                    engine.EngineKey, engine.EngineDigest, engine.SizeBytes, path, cancellationToken);
            }
            catch (CorruptedBlobException e)
            {
                throw new EngineFaultException(new(EngineFaultKind.DigestMismatch, e.Message), e);
            }
        }
    }

    private sealed class CloudFleet(FleetStore store) : IFleetSink
    {
        public Task ReportAsync(FleetReport report, CancellationToken cancellationToken) =>
            store.ReportAsync(report, cancellationToken);
    }
}
