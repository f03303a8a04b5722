namespace Pipeline.Core.Events;

/// <summary>What the other events carry: enough for a follower to know what happened and where to look.</summary>
public sealed record PipelineNotice
{
    /// <summary><c>*</c> where it concerns every model.</summary>
    public required string Model { get; init; }

    public string? Version { get; init; }

    public string? Target { get; init; }

    public string? Lane { get; init; }

    public long? Revision { get; init; }

    public required string Reason { get; init; }
}
