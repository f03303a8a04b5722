namespace Pipeline.Core.Routing;

/// <summary>What the planner decided about one route.</summary>
public abstract record RouteOutcome
{
    private RouteOutcome()
    {
    }

    /// <summary>Write this.</summary>
    public sealed record Changed(RouteChange Change) : RouteOutcome;

    /// <summary>The route already is as it should be; nothing to write and nothing wrong.</summary>
    public sealed record Unchanged(string Reason) : RouteOutcome;

    /// <summary>It may not be done now; the reason tells a person what to do.</summary>
    public sealed record Refused(string Reason) : RouteOutcome;
}
