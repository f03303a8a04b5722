namespace Pipeline.Cloud.Routing;

/// <summary>What became of a route change.</summary>
public abstract record ApplyResult
{
    private ApplyResult()
    {
    }

    /// <summary>It was written whole: route, revision, history entry and unsent event.</summary>
    public sealed record Applied(long Revision) : ApplyResult;

    /// <summary>
    /// The target is no longer at the revision it was decided on, and nothing was written: decide again.
    /// </summary>
    public sealed record Moved : ApplyResult;
}
