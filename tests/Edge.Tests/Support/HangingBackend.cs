using System.Collections.Concurrent;
using System.Security.Cryptography;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Support;

/// <summary>The real backend, but that it hangs on the engines that the test names until the test lets them go.</summary>
internal sealed class HangingBackend : IEngineBackend, IDisposable
{
    private readonly ManualResetEventSlim released = new();
    private readonly ConcurrentDictionary<string, int> hanging = new();

    public void HangOn(byte[] engine) => hanging[Convert.ToHexString(SHA256.HashData(engine))] = 0;

    public void Release() => released.Set();

    public BackendProbe Probe() => TestEngines.Backend.Probe();

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken) =>
        TestEngines.Backend.Build(options, cancellationToken);

    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        // As native code does, it does not look at the token.
        if (hanging.ContainsKey(Convert.ToHexString(SHA256.HashData(engine.Span)))) released.Wait(CancellationToken.None);
        return TestEngines.Backend.Load(engine, CancellationToken.None);
    }

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
        TestEngines.Backend.LoadReference(modelPath, cancellationToken);

    public void Dispose()
    {
        // Not disposed: a load that was left behind may still wait on it.
        released.Set();
    }
}
