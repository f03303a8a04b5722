using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Functions.Tests.Host;

/// <summary>A Functions app with the given classes, started on a free port, with a folder of its own.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("functions-host-");
    private readonly string[] _arguments;
    private readonly TimeProvider _time;

    private TestHost(string hostJson, string? localSettings, string[] arguments, TimeProvider time)
    {
        (_arguments, _time) = (arguments, time);
        File.WriteAllText(Path.Combine(_folder.FullName, "host.json"), hostJson);
        if (localSettings is not null)
            File.WriteAllText(Path.Combine(_folder.FullName, "local.settings.json"), localSettings);
    }

    public Journal Journal { get; } = new();

    public LogCollector Logs { get; } = new();

    public IHost Host { get; private set; } = null!;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    /// <param name="arguments">The command line; settings are written --Name=value.</param>
    public static TestHost With(
        string? hostJson = null, string? localSettings = null, string[]? arguments = null, TimeProvider? time = null) =>
        new(hostJson ?? """{ "version": "2.0" }""", localSettings, arguments ?? [], time ?? TimeProvider.System);

    public static Task<TestHost> StartAsync(params Type[] functions) => With().RunAsync(functions);

    /// <summary>Builds, without starting: what is wrong with the app is thrown here.</summary>
    public IHost Build(params Type[] functions)
    {
        // The last of two values counts.
        var builder = new FunctionsApplicationBuilder(
            ["--urls=http://127.0.0.1:0", .. _arguments], _folder.FullName, functions);
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.ClearProviders().AddProvider(Logs);
        builder.Services.AddSingleton(Journal).AddSingleton(_time).AddScoped<ScopedThing>();
        return Host = builder.Build();
    }

    public async Task<TestHost> RunAsync(params Type[] functions)
    {
        await Build(functions).StartAsync(TestContext.Current.CancellationToken);
        Http.BaseAddress = new Uri(Host.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single());
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.StopAsync(CancellationToken.None);
            Host.Dispose();
        }

        Http.Dispose();
        Journal.Dispose();
        Logs.Dispose();
        _folder.Delete(recursive: true);
    }
}
