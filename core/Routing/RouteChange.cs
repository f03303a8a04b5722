using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Routing;

/// <summary>
/// A decided change of one route: the executor writes it if the target's revision is still the one it was decided on, and
/// has no choice left.
/// </summary>
public sealed record RouteChange
{
    /// <summary>The revision of the target that the decision read; the change makes the next one.</summary>
    public required long ExpectedRevision { get; init; }

    public required RouteState? Before { get; init; }

    public required RouteState After { get; init; }

    /// <summary>One of <see cref="Events.EventTypes"/>: route.changed, rollout.advanced or rollout.withdrawn.</summary>
    public required string EventType { get; init; }

    public required string Who { get; init; }

    public required string Why { get; init; }

    /// <summary>The numbers behind it when the rollout analysis decided it.</summary>
    public RolloutEvidence? Evidence { get; init; }

    /// <summary>W3C traceparent of the upload that led here; null when a person or a tick did.</summary>
    public string? TraceParent { get; init; }
}
