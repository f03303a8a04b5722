namespace Pipeline.Core.Fleet;

/// <summary>How a candidate's shadow answers compared to stable's, since the process started.</summary>
public sealed record ShadowCounters
{
    /// <summary>Answers that were compared.</summary>
    public required long Compared { get; init; }

    /// <summary>Compared answers outside any limit of the policy.</summary>
    public required long Diverged { get; init; }

    /// <summary>Runs that failed, which compare to nothing.</summary>
    public required long Errors { get; init; }

    /// <summary>Shadow requests left out because the candidate was busy: shadows never queue before users.</summary>
    public required long Skipped { get; init; }
}
