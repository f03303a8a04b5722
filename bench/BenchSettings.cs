namespace Pipeline.Bench;

/// <summary>How to measure.</summary>
internal sealed record BenchSettings
{
    /// <summary>Fewer and shorter runs: to see that it works, not to quote.</summary>
    public required bool Quick { get; init; }

    /// <summary>Decisions of each kind that <c>gate</c> makes; null: its default.</summary>
    public int? Trials { get; init; }

    /// <summary>A program that measures the same without .NET, which <c>cuda</c> runs in turns with itself; null: none.</summary>
    public string? Beside { get; init; }

    /// <summary>Takes one line of progress.</summary>
    public required Action<string> Say { get; init; }
}
