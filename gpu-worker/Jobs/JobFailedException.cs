using Pipeline.Core.Builds;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>The job cannot end in an engine, however often it is tried; the message is for the person who uploaded.</summary>
public sealed class JobFailedException(BuildFailureKind kind, string message) : Exception(message)
{
    public BuildFailureKind Kind { get; } = kind;
}
