namespace Pipeline.Core.Builds;

/// <summary>How long one stage of a worker's job took: <c>fetch, build, store, accuracy, benchmark</c>.</summary>
public sealed record StageTime
{
    public required string Stage { get; init; }

    public required double Seconds { get; init; }
}
