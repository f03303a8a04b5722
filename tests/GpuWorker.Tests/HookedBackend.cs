using System.Collections.Immutable;
using Pipeline.Engines;

namespace Pipeline.GpuWorker.Tests;

/// <summary>The real backend, with a test's own step before or instead of a build.</summary>
internal sealed class HookedBackend(
    IEngineBackend inner, Func<EngineBuildOptions, EngineBuildOptions> beforeBuild) : IEngineBackend
{
    public ImmutableSortedDictionary<string, string> KeyOptions => inner.KeyOptions;

    public BackendProbe Probe() => inner.Probe();

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken) =>
        inner.Build(beforeBuild(options), cancellationToken);

    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken) =>
        inner.Load(engine, cancellationToken);

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
        inner.LoadReference(modelPath, cancellationToken);
}
