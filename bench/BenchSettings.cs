namespace Pipeline.Bench;

/// <summary>How to measure.</summary>
internal sealed record BenchSettings
{
    /// <summary>Fewer and shorter runs: to see that it works, not to quote.</summary>
    public required bool Quick { get; init; }

    /// <summary>Takes one line of progress.</summary>
    public required Action<string> Say { get; init; }
}
