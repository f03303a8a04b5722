using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>
/// Builds in this process, where a crash of native code is the end of it: what the build's child process does, and tests
/// that need no process.
/// </summary>
internal sealed class InProcessEngineBuilder(IEngineBackend backend) : IEngineBuilder
{
    public Task<BuiltEngine> BuildAsync(EngineBuildOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => Build(options, cancellationToken), cancellationToken);

    /// <summary>The same on the calling thread.</summary>
    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        BuiltEngine built = backend.Build(options, cancellationToken);
        try
        {
            options.Progress?.Report(new EngineBuildProgress("load", null));
            backend.Load(File.ReadAllBytes(built.Path), cancellationToken).Dispose();
            return built;
        }
        catch
        {
            File.Delete(built.Path);
            throw;
        }
    }
}
