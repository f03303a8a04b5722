namespace Pipeline.Core.Routing;

/// <summary>A snapshot blob as read: the routes to follow, or why they are refused.</summary>
public sealed record SnapshotReading
{
    /// <summary>Null when it is refused.</summary>
    public required RouteSnapshot? Snapshot { get; init; }

    /// <summary>Everything that is wrong, one sentence each; null when it may be followed.</summary>
    public required string? Fault { get; init; }
}
