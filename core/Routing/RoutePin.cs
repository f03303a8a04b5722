namespace Pipeline.Core.Routing;

/// <summary>A person's word that a route keeps its stable version.</summary>
public sealed record RoutePin
{
    public required string Who { get; init; }

    public required string Why { get; init; }

    public required DateTimeOffset At { get; init; }
}
