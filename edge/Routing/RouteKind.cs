namespace Pipeline.Edge.Routing;

/// <summary>As what a version answers.</summary>
internal enum RouteKind
{
    Stable,
    Candidate,
}

internal static class RouteKinds
{
    public const int Count = 2;

    /// <summary>The word in headers and metrics.</summary>
    public static string Word(this RouteKind kind) => kind == RouteKind.Candidate ? "candidate" : "stable";
}
