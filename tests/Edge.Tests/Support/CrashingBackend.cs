using System.Security.Cryptography;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Support;

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
