namespace Pipeline.Core.Promotions;

/// <summary>How far the build of one lane has come. Stored by name: add only.</summary>
public enum LanePhase
{
    /// <summary>A build request was sent, or is about to be.</summary>
    Queued,

    /// <summary>An engine exists and every gate passed.</summary>
    Passed,

    /// <summary>A gate failed.</summary>
    Failed,

    /// <summary>A gate lacked evidence.</summary>
    Inconclusive,

    /// <summary>It could not be built or measured.</summary>
    Error,
}
