using Pipeline.Core.Policies;
using Pipeline.Edge.Routing;

namespace Pipeline.Edge.Shadowing;

/// <summary>The candidate that runs a share of what stable answers.</summary>
internal sealed class ShadowRoute(ServingVersion candidate, ShadowPolicy policy)
{
    private readonly ShadowSampler sampler = new(policy.SharePercent);

    public ServingVersion Candidate { get; } = candidate;

    public ShadowPolicy Policy { get; } = policy;

    /// <param name="requestNumber">Counts requests.</param>
    public bool Takes(ulong requestNumber) => sampler.Takes(requestNumber);
}
