using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Routing;

/// <summary>The row of the Routes table: the route that edges see, and what deciding its next change needs.</summary>
public sealed record RouteState
{
    public const int WithdrawnMaximum = 50;

    public required Route Route { get; init; }

    /// <summary>The stable version before the present one: what a rollback puts back.</summary>
    public RoutedVersion? Previous { get; init; }

    /// <summary>The rollout under way; null without a candidate.</summary>
    public RolloutState? Rollout { get; init; }

    public ImmutableArray<WithdrawnVersion> Withdrawn { get; init; } = [];

    /// <summary>
    /// The newest version that ever came here, so that an older one that a newer one pushed aside does not come back by
    /// itself when the newer one is withdrawn.
    /// </summary>
    public long HighestAcceptanceNumber { get; init; }

    /// <summary>Set while a person keeps this route as it is; nothing new comes and no step is taken until it is lifted.</summary>
    public RoutePin? Pin { get; init; }

    /// <summary>What a rollback takes off: the candidate, or stable where there is none.</summary>
    [JsonIgnore]
    public RoutedVersion? Newest => Route.Candidate ?? Route.Stable;

    /// <summary>Versions with a lower acceptance number than this are superseded here.</summary>
    [JsonIgnore]
    public long NewestNumber => Math.Max(
        HighestAcceptanceNumber,
        Math.Max(Route.Stable?.AcceptanceNumber ?? 0, Route.Candidate?.AcceptanceNumber ?? 0));
}
