using Pipeline.Core.Fleet;

namespace Pipeline.Core.Rollouts;

/// <summary>What an edge process had counted for a version when a step began, as rows of earlier releases hold it.</summary>
public sealed record CounterBaseline
{
    public required string Edge { get; init; }

    public required string StartId { get; init; }

    public required VersionCounters Counters { get; init; }
}
