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
            long size = new FileInfo(built.Path).Length;
            // Not an IOException, with which the whole build would be tried again and again.
            if (size > Array.MaxLength)
            {
                throw new EngineException(
                    EngineErrorKind.EngineTooLarge, $"The engine has {size} bytes; at most {Array.MaxLength} can be loaded.");
            }

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
