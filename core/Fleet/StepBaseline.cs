using System.Collections.Immutable;

namespace Pipeline.Core.Fleet;

/// <summary>
/// What an edge had counted for a model when the present step of the model's rollout began there: what came since is the step's.
/// Each edge tells its own, so that no row of the pipeline grows with the fleet.
/// </summary>
public sealed record StepBaseline
{
    public required string Model { get; init; }

    /// <summary>The route's step revision: which step it is.</summary>
    public required long Revision { get; init; }

    /// <summary>A version that is not here had counted nothing.</summary>
    public ImmutableArray<VersionCounters> Counters { get; init; } = [];
}
