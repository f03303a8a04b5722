using Pipeline.Core.Builds;
using Pipeline.Core.Gates;

namespace Pipeline.GpuWorker.Jobs;

/// <summary>The engine that serves, on this machine; without bytes when it is the new engine itself or cannot be had.</summary>
internal sealed record FetchedBaseline(BaselineEngine Engine)
{
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    public BaselineFault? Fault { get; init; }

    /// <summary>What the fault was, one sentence.</summary>
    public string? Message { get; init; }
}
