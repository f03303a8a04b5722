namespace Pipeline.Core.Management;

/// <summary>Body of the POST commands: approve, cancel, retry on a version; rollback, withdraw, pause, resume,
/// pin, unpin on a model.</summary>
public sealed record CommandRequest
{
    public const int ReasonLengthMaximum = 500;

    /// <summary>Why; recorded in the history. Required by rollback.</summary>
    public string? Reason { get; init; }

    /// <summary>Only this target; every target of the model when null.</summary>
    public string? Target { get; init; }

    /// <summary>
    /// For commands on a model: only where this version is the newest on the route, so that repeating the command changes
    /// nothing more. Rollback takes the newest version on any route of the model when it is null.
    /// </summary>
    public string? Version { get; init; }
}
