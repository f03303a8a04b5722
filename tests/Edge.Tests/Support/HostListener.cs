using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Support;

/// <summary>Waits for the program's host to be put together.</summary>
internal sealed class HostListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(this);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: "HostBuilding", Value: IHostBuilder host }) Replace(host);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    // By itself: the types that it names load only once the program's own have.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Replace(IHostBuilder host) => host.ConfigureServices(services =>
    {
        var real = (IEngineBackend)services.Last(s => s.ServiceType == typeof(IEngineBackend)).ImplementationInstance!;
        services.AddSingleton<IEngineBackend>(new CrashingBackend(real));
    });
}
