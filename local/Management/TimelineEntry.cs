namespace Pipeline.Local.Management;

/// <summary>One thing that happened to a promotion.</summary>
public sealed record TimelineEntry
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Seconds since the upload.</summary>
    public required double Seconds { get; init; }

    public required string What { get; init; }
}
