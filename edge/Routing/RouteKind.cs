namespace Pipeline.Edge.Routing;

/// <summary>As what a version answers.</summary>
internal enum RouteKind
{
    Stable,
    Candidate,

    /// <summary>A candidate that runs what stable answers; its own answer is compared and thrown away.</summary>
    Shadow,
}

internal static class RouteKinds
{
    public const int Count = 3;

    /// <summary>The word in headers and metrics.</summary>
    public static string Word(this RouteKind kind) => kind switch
    {
        RouteKind.Candidate => "candidate",
        RouteKind.Shadow => "shadow",
        _ => "stable",
    };
}
