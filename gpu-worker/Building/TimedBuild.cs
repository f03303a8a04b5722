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
            if (await BuildUntimedAsync(builder, options, cancellationToken) is not { } built) throw;
            return built with { Log = [$"With the timing cache of earlier builds it failed: {e.Message}", .. built.Log] };
        }
    }

    /// <summary>Null when that fails, too: it was not the cache, and the first failure says more.</summary>
    private static async Task<BuiltEngine?> BuildUntimedAsync(
        IEngineBuilder builder, EngineBuildOptions options, CancellationToken cancellationToken)
    {
        File.Delete(options.TimingCachePath!);
        try
        {
            return await builder.BuildAsync(options, cancellationToken);
        }
        catch (EngineException)
        {
            return null;
        }
    }
}
