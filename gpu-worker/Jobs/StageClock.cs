using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>Times the stages of a job one after another and says which one is under way.</summary>
public sealed class StageClock(TimeProvider time, IProgress<JobProgress> progress)
{
    private readonly List<StageTime> finished = [];
    private string? current;
    private long startedAt;

    public ImmutableArray<StageTime> Finished => [.. finished];

    /// <summary>Ends the stage before and begins this one.</summary>
    public void Begin(string stage)
    {
        End();
        current = stage;
        startedAt = time.GetTimestamp();
        progress.Report(new JobProgress(stage, null));
    }

    public void Report(double? fraction)
    {
        if (current is not null) progress.Report(new JobProgress(current, fraction));
    }

    public void End()
    {
        if (current is null) return;
        finished.Add(new StageTime { Stage = current, Seconds = time.GetElapsedTime(startedAt).TotalSeconds });
        current = null;
    }

    public double SecondsOf(string stage) => finished.Where(s => s.Stage == stage).Sum(s => s.Seconds);
}
