using Pipeline.Engines;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Hands the share of a build that is done to the stage under way.</summary>
internal sealed class BuildProgress(StageClock clock) : IProgress<EngineBuildProgress>
{
    public void Report(EngineBuildProgress value) => clock.Report(value.Fraction);
}
