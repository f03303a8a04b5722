using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.Http;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>Puts the embedded host together.</summary>
internal static partial class EmbeddedApplication
{
    public static IHost Build(
        WebApplicationBuilder web, HostSettings settings, IEnumerable<Type> types, bool webApplication)
    {
        var catalog = new FunctionCatalog(types, web.Configuration, settings, webApplication);
        HttpAddress.Configure(web, catalog.All);

        IServiceCollection services = web.Services;
        services.AddMvcCore();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(catalog).AddSingleton(settings).AddSingleton<ShutdownGrace>()
            .AddSingleton<ServiceBusConnections>().AddSingleton<ServiceBusOutput>()
            .AddSingleton<FunctionInvoker>().AddSingleton<HttpFunctions>()
            .AddSingleton<ServiceBusListener>().AddSingleton<TimerListener>();
        services.AddHostedService(provider => provider.GetRequiredService<ServiceBusListener>());
        services.AddHostedService(provider => provider.GetRequiredService<TimerListener>());
        // All stop taking new work at once, none waits for another's last invocation.
        services.Configure<HostOptions>(options => options.ServicesStopConcurrently = true);

        WebApplication app = web.Build();
        app.Services.GetRequiredService<ShutdownGrace>();
        app.Services.GetRequiredService<HttpFunctions>().Map(app, catalog.All);
        string table = string.Concat(catalog.All.Select(f => $"\n    {f.Name}: {f.Trigger.Description}"));
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host.Startup");
        app.Lifetime.ApplicationStarted.Register(() => Log.Started(logger, table, string.Join(", ", app.Urls)));
        return app;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Functions: {Table}\n\nHost started on {Addresses}.")]
        public static partial void Started(ILogger logger, string table, string addresses);
    }
}
