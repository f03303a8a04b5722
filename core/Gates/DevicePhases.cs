namespace Pipeline.Core.Gates;

/// <summary>What a sample by <see cref="BenchmarkMethods.CudaEvents"/> consists of.</summary>
public sealed record DevicePhases
{
    public required PhaseTime CopyToDevice { get; init; }

    /// <summary>Between two events around the inference; idle gaps of a late host are in it.</summary>
    public required PhaseTime Compute { get; init; }

    public required PhaseTime CopyToHost { get; init; }

    /// <summary>The host's time to enqueue the inference, by its own clock; not part of the latency.</summary>
    public required PhaseTime Enqueue { get; init; }
}
