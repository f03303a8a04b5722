using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>How a job ended; what it must tell the functions.</summary>
public abstract record JobOutcome
{
    public sealed record Built(BuildReport Report) : JobOutcome;

    public sealed record Failed(BuildFailureKind Kind, string Message) : JobOutcome
    {
        /// <summary>What the build logged; for the worker's own log, since a failure leaves no report.</summary>
        public ImmutableArray<string> Log { get; init; } = [];
    }
}
