using Pipeline.Engines;
using Pipeline.GpuWorker.Building;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Building;

public sealed class InProcessEngineBuilderTests
{
    [Fact]
    public async Task Build_EngineIsLargerThanCanBeLoaded_IsRefusedOnceAndForAll()
    {
        using var folder = new TemporaryFolder();
        var options = new EngineBuildOptions { ModelPath = TestModels.ClassifierPath, EnginePath = folder.PathOf("built.engine") };

        EngineException failed = await Assert.ThrowsAsync<EngineException>(
            () => new InProcessEngineBuilder(new LargeBackend()).BuildAsync(options, Workbench.Cancel));

        Assert.Equal(EngineErrorKind.EngineTooLarge, failed.Kind);
        Assert.False(File.Exists(options.EnginePath));
    }

    /// <summary>Builds files that are mostly holes.</summary>
    private sealed class LargeBackend : IEngineBackend
    {
        public BackendProbe Probe() => throw new NotSupportedException();

        public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken)
        {
            using (FileStream file = File.Create(options.EnginePath)) file.SetLength(Array.MaxLength + 1L);
            return new BuiltEngine { Path = options.EnginePath, SizeBytes = Array.MaxLength + 1L, Log = [] };
        }

        public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
