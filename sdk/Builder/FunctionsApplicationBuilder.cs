using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.EmbeddedHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// Collects services and configuration, then builds the app. Here the app is the embedded host: it finds the
/// functions and runs their triggers in this process.
/// </summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly IReadOnlyCollection<Type> _types;
    private readonly HostSettings _settings;
    private bool _webApplication;

    internal FunctionsApplicationBuilder(string[] args, string folder, IReadOnlyCollection<Type> types)
    {
        _types = types;
        _web = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = folder,
            EnvironmentName =
                new ConfigurationBuilder().AddEnvironmentVariables("AZURE_FUNCTIONS_").Build()["ENVIRONMENT"],
        });
        _settings = HostSettings.Load(Path.Combine(folder, "host.json"));
        LocalSettings.AddTo(_web.Configuration, Path.Combine(folder, "local.settings.json"), _settings);
    }

    public ConfigurationManager Configuration => _web.Configuration;

    public IHostEnvironment Environment => _web.Environment;

    public ILoggingBuilder Logging => _web.Logging;

    public IMetricsBuilder Metrics => _web.Metrics;

    public IServiceCollection Services => _web.Services;

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => _web.Configuration;

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    /// <summary>The host, not started.</summary>
    /// <exception cref="FunctionWorkerException">A function, host.json or a setting is wrong; all faults are named.
    /// </exception>
    public IHost Build() => EmbeddedApplication.Build(_web, _settings, _types, _webApplication);

    internal void UseWebApplication() => _webApplication = true;
}
