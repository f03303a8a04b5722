using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Shadowing;

namespace Pipeline.Edge.Routing;

/// <summary>Who serves one model on this edge, and how its users are split.</summary>
internal sealed class ModelRoute(string model, ServingVersion? stable, ServingVersion? candidate, int candidateWeight)
{
    private readonly StickySplit split = candidate is null ? default : new StickySplit(model, candidate.Version);

    public string Model { get; } = model;

    /// <summary>Whose route it is: the narrowest of the followed targets that has a stable engine for the model.</summary>
    public string Target { get; init; } = "";

    /// <summary>Null while the first engine is not there yet.</summary>
    public ServingVersion? Stable { get; } = stable;

    /// <summary>Null when the route has none, or when it is not loaded here.</summary>
    public ServingVersion? Candidate { get; } = candidate;

    /// <summary>What requests wait for while the stable engine is exchanged in its place; null: nothing.</summary>
    public SwapInPlace? Swap { get; init; }

    /// <summary>What was stable before that, and goes on should its engine stay.</summary>
    public ServingVersion? Aside { get; init; }

    /// <summary>Which step of its rollout the route is at; 0 without one.</summary>
    public long StepRevision { get; init; }

    /// <summary>What the candidate runs beside stable; null: nothing.</summary>
    public ShadowRoute? Shadow { get; init; }

    /// <summary>Decides one request; allocates nothing.</summary>
    /// <param name="user">The sticky key; empty splits by request.</param>
    /// <param name="tag">What the request asks for by name.</param>
    /// <param name="requestNumber">Counts requests, for those without a user.</param>
    public RouteChoice Choose(ReadOnlySpan<char> user, RouteTag tag, ulong requestNumber)
    {
        if (tag != default) return ChooseTagged(tag) with { IsNamed = true };
        if (Candidate is null) return new RouteChoice(Stable, RouteKind.Stable);
        bool takesCandidate = user.IsEmpty
            ? split.TakesCandidate(requestNumber, candidateWeight)
            : split.TakesCandidate(user, candidateWeight);
        return takesCandidate
            ? new RouteChoice(Candidate, RouteKind.Candidate)
            : new RouteChoice(Stable, RouteKind.Stable);
    }

    private RouteChoice ChooseTagged(RouteTag tag)
    {
        if (tag.Kind is { } kind) return new RouteChoice(kind == RouteKind.Candidate ? Candidate : Stable, kind);
        if (Stable?.Version == tag.Version) return new RouteChoice(Stable, RouteKind.Stable);
        return new RouteChoice(Candidate?.Version == tag.Version ? Candidate : null, RouteKind.Candidate);
    }
}
