namespace Pipeline.Edge.Routing;

/// <summary>As what a version answers.</summary>
internal enum RouteKind
{
    Stable,
    Candidate,

    /// <summary>A candidate that runs what stable answers; its own answer is compared and thrown away.</summary>
    Shadow,

    /// <summary>
    /// What a request asked for by name, on whichever side it is. It is counted apart: anybody may send anything to a version
    /// of his choice, so it is no evidence in a rollout.
    /// </summary>
    Named,
}

internal static class RouteKinds
{
    public const int Count = 4;

    /// <summary>The word in headers and metrics.</summary>
    public static string Word(this RouteKind kind) => kind switch
    {
        RouteKind.Candidate => "candidate",
        RouteKind.Shadow => "shadow",
        RouteKind.Named => "named",
        _ => "stable",
    };
}
