using Pipeline.Engines;

namespace Pipeline.GpuWorker.Tests;

/// <summary>
/// The real backend as if it timed tactics: each build adds a line to the cache that it was given, and refuses one with the
/// word "damaged".
/// </summary>
internal static class TimingBackend
{
    public static HookedBackend Create(Action? duringBuild = null) => new(Workbench.Backend, options =>
    {
        string path = options.TimingCachePath!;
        string cache = File.Exists(path) ? File.ReadAllText(path) : "";
        if (cache.Contains("damaged", StringComparison.Ordinal))
            throw new EngineException(EngineErrorKind.BuildFailed, "The timing cache cannot be used.");
        duringBuild?.Invoke();
        File.WriteAllText(path, $"{cache}build\n");
        return options;
    });
}
