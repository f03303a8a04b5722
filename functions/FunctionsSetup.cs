using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Gates;
using Pipeline.Functions.Management;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Reconciling;
using Pipeline.Functions.Rollouts;
using Pipeline.Functions.Routes;
using Pipeline.Functions.Uploads;

namespace Pipeline.Functions;

/// <summary>What the functions are made of.</summary>
public static class FunctionsSetup
{
    public static IServiceCollection AddPromotions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<FunctionsOptions>()
            .Bind(configuration.GetSection("Pipeline")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(s => new DeployedLanes(s.GetRequiredService<IOptions<FunctionsOptions>>().Value.DeployedLanes()));
        services.AddPipelineCloud(configuration).AddPipelineMessages().AddPipelineSigning(configuration);
        services.AddSingleton<UploadReader>().AddSingleton<UploadAcceptor>();
        services.AddSingleton<BuildRequests>().AddSingleton<LaneOutcomes>();
        services.AddSingleton<PromotionReader>().AddSingleton<PromotionAdvancer>();
        services.AddSingleton<RoutedTargets>().AddSingleton<RouteExecutor>()
            .AddSingleton<VersionRouter>().AddSingleton<RolloutDriver>();
        services.AddSingleton<FleetChanges>().AddSingleton<Reconciler>();
        services.AddSingleton<Caller>().AddSingleton<VersionCommands>().AddSingleton<RouteCommands>();
        return services;
    }
}
