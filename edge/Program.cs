using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Pipeline.Edge;
using Pipeline.Edge.Serving;
using Pipeline.Edge.Sources;
using Pipeline.Engines;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
if (args is ["health"]) return await HealthCommand.RunAsync(builder.Configuration);
// Standard output carries the address alone.
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
try
{
    IEngineBackend backend = EdgeSettings.CreateBackend(builder.Configuration);
    BackendProbe machine = backend.Probe();
    if (EdgeSettings.Read(builder.Configuration, machine, out IReadOnlyList<string> faults) is not { } options)
    {
        foreach (string fault in faults) Console.Error.WriteLine(fault);
        return 2;
    }

    builder.Services.AddSingleton(backend);
    builder.Services.AddSingleton(machine);
    builder.AddCloudSources(options);
    builder.AddEdge(options);
    WebApplication app = builder.Build();
    app.MapProtocol();
    string simulated = machine.IsSimulated ? " SIMULATED" : "";
    app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"edge listening on {app.Urls.First()}{simulated}"));
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is OptionsValidationException or InvalidDataException or IOException or SocketException or EngineException
    // A setting whose text is none of its type.
    or InvalidOperationException { InnerException: FormatException or ArgumentException })
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
