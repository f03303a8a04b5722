using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Hands the share of a build that is done to the stage under way; nonsense from a child process counts as unknown.</summary>
internal sealed class BuildProgress(StageClock clock) : IProgress<EngineBuildProgress>
{
    public void Report(EngineBuildProgress value) =>
        clock.Report(value.Fraction is >= 0 and <= 1 ? value.Fraction : null);
}
