using Pipeline.Core.Fleet;

namespace Pipeline.Bench.Fleet;

/// <summary>A fleet as it is simulated.</summary>
internal sealed record FleetScenario
{
    public required int Edges { get; init; }

    public int Replicas { get; init; } = 1;

    /// <summary>What the snapshot tells the edges; null leaves them at their own 30 s.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The random part of an ordinary wait.</summary>
    public double Jitter { get; init; } = PollWait.Jitter;

    /// <summary>What the edges really follow, in seconds.</summary>
    public TimeSpan Followed => Interval is { } told && told < OwnInterval ? told : OwnInterval;

    /// <summary>The edges' own interval, the longest: their default.</summary>
    public static TimeSpan OwnInterval { get; } = new Edge.EdgeOptions().RoutePollInterval;

    /// <summary>A fleet that the publisher plans for.</summary>
    public static FleetScenario Planned(int edges, int replicas, TimeSpan shortest) => new()
    {
        Edges = edges,
        Replicas = replicas,
        Interval = PollPlan.Interval(edges, replicas, shortest),
    };
}
