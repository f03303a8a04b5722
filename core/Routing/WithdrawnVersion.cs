namespace Pipeline.Core.Routing;

/// <summary>A version that was taken off a route; it never promotes itself there again.</summary>
public sealed record WithdrawnVersion
{
    public required string Version { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset At { get; init; }
}
