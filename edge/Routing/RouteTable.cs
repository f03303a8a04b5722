using System.Collections.Frozen;
using System.Collections.Immutable;
using Pipeline.Core.Fleet;
using Pipeline.Edge.Loading;

namespace Pipeline.Edge.Routing;

/// <summary>Everything that requests read: built whole off the request path, then exchanged in one step.</summary>
internal sealed class RouteTable
{
    public static RouteTable Empty { get; } = new()
    {
        Revisions = ImmutableSortedDictionary<string, long>.Empty,
        Models = FrozenDictionary<string, ModelRoute>.Empty,
        Statuses = [],
        Wanted = [],
    };

    /// <summary>The revision of each followed target that has a snapshot; none before the first.</summary>
    public required ImmutableSortedDictionary<string, long> Revisions { get; init; }

    public required FrozenDictionary<string, ModelRoute> Models { get; init; }

    /// <summary>How this edge stands to each version that the routes name.</summary>
    public required ImmutableArray<EdgeEngine> Statuses { get; init; }

    /// <summary>What should be loaded, what answers soonest first and candidates last.</summary>
    public required ImmutableArray<WantedEngine> Wanted { get; init; }

    /// <summary>What each model serves with as its newest route says.</summary>
    public ImmutableArray<GoodVersion> Good { get; init; } = [];

    /// <summary>
    /// Whether requests may come: once every routed model has an engine, but for those that this edge cannot run. It stays so
    /// when a model is added, which takes no edge from the others; that one is asked for by its own readiness.
    /// </summary>
    public bool IsReady { get; init; }

    /// <summary>0 where the target has no snapshot.</summary>
    public long RevisionOf(string target) => Revisions.GetValueOrDefault(target);

    /// <summary>Every version that serves, by model; the stable one first.</summary>
    public IEnumerable<ServingVersion> Serving => Models.Values
        .SelectMany(m => new[] { m.Stable, m.Candidate }).OfType<ServingVersion>();
}
