using Pipeline.Edge;
using Pipeline.Edge.Serving;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
OnnxRuntimeOptions runtime = builder.Configuration.GetSection(OnnxRuntimeOptions.Section).Get<OnnxRuntimeOptions>() ?? new();
IEngineBackend backend = new OnnxRuntimeBackend(runtime);
if (EdgeSettings.Read(builder.Configuration, backend, out IReadOnlyList<string> faults) is not { } options)
{
    foreach (string fault in faults) Console.Error.WriteLine(fault);
    return 2;
}

// Standard output carries the address alone.
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Services.AddSingleton(backend);
builder.AddEdge(options);
WebApplication app = builder.Build();
app.MapProtocol();
await app.RunAsync();
return 0;
