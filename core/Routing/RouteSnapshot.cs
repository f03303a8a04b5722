using System.Collections.Immutable;

namespace Pipeline.Core.Routing;

/// <summary>All routes of a target at one revision: the payload of the signed blob routes/{target}.json.</summary>
public sealed record RouteSnapshot
{
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required string Target { get; init; }

    /// <summary>Only rises; an edge refuses a lower one.</summary>
    public required long Revision { get; init; }

    public required ImmutableArray<Route> Routes { get; init; }

    /// <summary>
    /// How often the fleet's size lets an edge look for new routes; null leaves it to the edge, whose own interval is in any
    /// case the longest.
    /// </summary>
    public TimeSpan? PollInterval { get; init; }

    /// <summary>How many blobs hold this snapshot; an edge reads any one of them.</summary>
    public int Replicas { get; init; } = 1;
}
