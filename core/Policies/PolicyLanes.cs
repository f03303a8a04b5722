using System.Collections.Immutable;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Policies;

/// <summary>Which of the deployed lanes a policy asks for.</summary>
public static class PolicyLanes
{
    /// <summary>
    /// The lanes named, and every deployed lane of the targets named; all deployed lanes when the policy names neither. Sorted.
    /// </summary>
    public static ImmutableArray<Lane> Choose(PromotionPolicy policy, IReadOnlyCollection<Lane> deployed) =>
    [
        .. deployed
            .Where(l => (policy.Lanes.IsEmpty && policy.Targets.IsEmpty)
                || policy.Lanes.Contains(l) || policy.Targets.Contains(l.Target))
            .Distinct().Order(),
    ];
}
