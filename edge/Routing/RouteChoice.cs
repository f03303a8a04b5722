namespace Pipeline.Edge.Routing;

/// <summary>Who answers one request.</summary>
/// <param name="Version">Null when what was asked for does not serve here.</param>
internal readonly record struct RouteChoice(ServingVersion? Version, RouteKind Kind);
