namespace Pipeline.Edge.Routing;

/// <summary>What a request asks for by name instead of being split.</summary>
/// <param name="Kind">The side of the split that is asked for; null when a version is, or nothing.</param>
/// <param name="Version">The version that is asked for; null when a side is, or nothing.</param>
internal readonly record struct RouteTag(RouteKind? Kind, string? Version)
{
    public static RouteTag None => default;

    /// <summary>Reads the words <c>stable</c> and <c>candidate</c>; anything else is a version's name.</summary>
    public static RouteTag Parse(string? text) => text switch
    {
        null or "" => None,
        "stable" => new(RouteKind.Stable, null),
        "candidate" => new(RouteKind.Candidate, null),
        _ => new(null, text),
    };
}
