using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Signing;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Signing;

namespace Pipeline.Cloud.Connections;

/// <summary>What a program takes from this project. Settings are checked when the program starts.</summary>
public static class CloudServices
{
    /// <summary>Stores over blobs and tables.</summary>
    public static IServiceCollection AddPipelineCloud(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CloudOptions>()
            .Bind(configuration.GetSection(CloudOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SnapshotOptions>()
            .Bind(configuration.GetSection(SnapshotOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton(p => new CloudClients(p.GetRequiredService<IOptions<CloudOptions>>().Value))
            .AddSingleton<UploadStore>()
            .AddSingleton<PromotionStore>()
            .AddSingleton<LaneStore>()
            .AddSingleton<RouteStore>()
            .AddSingleton<SnapshotPublisher>()
            .AddSingleton<SnapshotSource>()
            .AddSingleton<EngineStore>()
            .AddSingleton<TimingCacheStore>()
            .AddSingleton<ReportStore>()
            .AddSingleton<FleetStore>()
            .AddSingleton<UndeployedLaneStore>();
    }

    /// <summary>
    /// What sends messages, for programs that have a Service Bus; call <see cref="AddPipelineCloud"/>, too.
    /// </summary>
    public static IServiceCollection AddPipelineMessages(this IServiceCollection services)
    {
        services.AddOptions<CloudOptions>().Validate(
            o => o.HasServiceBus,
            $"No Service Bus is configured: set '{CloudOptions.Section}:{nameof(CloudOptions.ServiceBus)}' to a " +
            $"connection string, or '{CloudOptions.Section}:{nameof(CloudOptions.ServiceBusNamespace)}'.");
        return services.AddSingleton<BuildQueue>().AddSingleton<EventPublisher>().AddSingleton<OutboxSender>();
    }

    /// <summary>The signer, for the functions alone; call <see cref="AddPipelineCloud"/>, too.</summary>
    public static IServiceCollection AddPipelineSigning(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SigningOptions>()
            .Bind(configuration.GetSection(SigningOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<ISigner>(p =>
        {
            SigningOptions options = p.GetRequiredService<IOptions<SigningOptions>>().Value;
            return options.KeyVaultKey is { } key
                ? KeyVaultSigner.Open(key, p.GetRequiredService<CloudClients>().Credential)
                : DevelopmentSigner.Open(options.KeyFile!);
        });
    }
}
