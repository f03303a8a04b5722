namespace Pipeline.Edge.Routing;

/// <summary>Who answers one request.</summary>
/// <param name="Version">Null when what was asked for does not serve here.</param>
/// <param name="Kind">The side of the split that it is on.</param>
internal readonly record struct RouteChoice(ServingVersion? Version, RouteKind Kind)
{
    /// <summary>Whether the request asked for it by name, past the split.</summary>
    public bool IsNamed { get; init; }

    /// <summary>As what the request is counted.</summary>
    public RouteKind CountedAs => IsNamed ? RouteKind.Named : Kind;
}
