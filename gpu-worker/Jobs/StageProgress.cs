namespace Pipeline.GpuWorker.Jobs;

/// <summary>Hands the share that is done to the stage under way.</summary>
internal sealed class StageProgress(StageClock clock) : IProgress<double>
{
    public void Report(double value) => clock.Report(value);
}
