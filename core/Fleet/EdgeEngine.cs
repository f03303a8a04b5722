namespace Pipeline.Core.Fleet;

/// <summary>One version on one edge.</summary>
public sealed record EdgeEngine
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    public string? EngineDigest { get; init; }

    public required EdgeEngineStatus Status { get; init; }

    /// <summary>Why it does not serve, one sentence.</summary>
    public string? Reason { get; init; }
}
