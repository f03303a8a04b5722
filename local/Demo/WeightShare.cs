namespace Pipeline.Local.Demo;

/// <summary>What share of the requests the candidate answered while it had one weight.</summary>
public sealed record WeightShare
{
    public required double WeightPercent { get; init; }

    public required long Requests { get; init; }

    public required double SharePercent { get; init; }
}
