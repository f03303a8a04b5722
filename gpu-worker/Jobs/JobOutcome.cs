using Pipeline.Core.Builds;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>How a job ended; what it must tell the functions.</summary>
public abstract record JobOutcome
{
    public sealed record Built(BuildReport Report) : JobOutcome;

    public sealed record Failed(BuildFailureKind Kind, string Message) : JobOutcome;
}
