using Microsoft.Extensions.Options;
using Pipeline.Edge;
using Pipeline.Edge.Serving;
using Pipeline.Edge.Sources;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
if (args is ["health"]) return await HealthCommand.RunAsync(builder.Configuration);
// Standard output carries the address alone.
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
IEngineBackend backend = new OnnxRuntimeBackend(EdgeSettings.ReadRuntime(builder.Configuration));
if (EdgeSettings.Read(builder.Configuration, backend, out IReadOnlyList<string> faults) is not { } options)
{
    foreach (string fault in faults) Console.Error.WriteLine(fault);
    return 2;
}

try
{
    builder.Services.AddSingleton(backend);
    builder.AddCloudSources(options);
    builder.AddEdge(options);
    WebApplication app = builder.Build();
    app.MapProtocol();
    app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"edge listening on {app.Urls.First()}"));
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is OptionsValidationException or InvalidDataException or IOException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
