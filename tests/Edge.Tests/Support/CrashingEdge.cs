using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

/// <summary>
/// Runs inside the edge program itself before its first line, by DOTNET_STARTUP_HOOKS: the backend that the program has
/// registered is replaced by one that ends the process when it is handed the engine that a variable names.
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(new HostListener());
}

namespace Pipeline.Edge.Tests.Support
{
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

    /// <summary>A backend that does what broken native code does.</summary>
    internal sealed class CrashingBackend(IEngineBackend real) : IEngineBackend
    {
        public const string Variable = "TEST_CRASHING_ENGINE";

        public BackendProbe Probe() => real.Probe();

        public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken) =>
            real.Build(options, cancellationToken);

        public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
        {
            if (Convert.ToHexStringLower(SHA256.HashData(engine.Span)) == Environment.GetEnvironmentVariable(Variable))
                Environment.FailFast("The engine crashed.");
            return real.Load(engine, cancellationToken);
        }

        public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
            real.LoadReference(modelPath, cancellationToken);
    }
}
