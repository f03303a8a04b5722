using Pipeline.Engines;

namespace Pipeline.GpuWorker.Building;

/// <summary>A build that a bad timing cache cannot spoil.</summary>
internal static class TimedBuild
{
    /// <summary>
    /// Builds; where that fails with a timing cache from an earlier build, builds once more without it: a damaged cache would
    /// else stop every build of its lane, and after this build a sound one takes its place.
    /// </summary>
    public static async Task<BuiltEngine> RunAsync(
        IEngineBuilder builder, EngineBuildOptions options, CancellationToken cancellationToken)
    {
        bool isTimed = File.Exists(options.TimingCachePath);
        try
        {
            return await builder.BuildAsync(options, cancellationToken);
        }
        catch (EngineException e) when (isTimed && e.Kind == EngineErrorKind.BuildFailed)
        {
            File.Delete(options.TimingCachePath!);
            BuiltEngine built = await builder.BuildAsync(options, cancellationToken);
            return built with { Log = [$"With the timing cache of earlier builds it failed: {e.Message}", .. built.Log] };
        }
    }
}
