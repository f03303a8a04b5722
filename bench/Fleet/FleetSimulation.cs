using Pipeline.Edge;

namespace Pipeline.Bench.Fleet;

/// <summary>A fleet of the edge's own followers, an origin in memory, and the clock that both live by.</summary>
internal sealed class FleetSimulation : IDisposable
{
    private readonly VirtualClock clock = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Random random = new(1);
    private readonly FleetSnapshots snapshots;
    private readonly SimulatedEdge[] edges;
    private long revision;

    public FleetSimulation(FleetScenario fleet, FleetSnapshots snapshots)
    {
        Fleet = fleet;
        this.snapshots = snapshots;
        Origin = new InMemoryOrigin(clock, fleet.Replicas);
        var options = new EdgeOptions
        {
            Target = FleetSnapshots.Lane.Target,
            Runtime = FleetSnapshots.Lane.Runtime,
            RouteReplicas = fleet.Replicas,
        };
        edges =
        [
            .. Enumerable.Range(0, fleet.Edges).Select(_ => new SimulatedEdge(
                Origin, clock, snapshots.Keys, options, fleet.Jitter, random.Next())),
        ];
    }

    public FleetScenario Fleet { get; }

    public InMemoryOrigin Origin { get; }

    /// <summary>A new revision lies in every replica from now on.</summary>
    public async Task PublishAsync(FleetScenario told, CancellationToken cancellationToken) =>
        Origin.Publish(await snapshots.SignAsync(++revision, told, cancellationToken));

    public Task PublishAsync(CancellationToken cancellationToken) => PublishAsync(Fleet, cancellationToken);

    /// <summary>Starts every edge within the time, each at a random moment of it.</summary>
    public void Start(TimeSpan within)
    {
        foreach (SimulatedEdge edge in edges)
        {
            clock.CreateTimer(
                _ => edge.Start(stop.Token), null, within * random.NextDouble(), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Starts the edges over one interval and runs until nothing of the start is left.</summary>
    public void Settle()
    {
        Start(within: Fleet.Followed);
        Run(Fleet.Followed * 6 + TimeSpan.FromMinutes(2));
    }

    public void Run(TimeSpan duration) => clock.Run(duration);

    /// <summary>Runs until every edge follows the newest revision, half an hour at most.</summary>
    /// <returns>From now until each edge did, in seconds, ascending; infinite for those that never did.</returns>
    public double[] RunUntilFollowed()
    {
        double start = clock.Seconds;
        double end = start + 1800;
        while (clock.Seconds < end && edges.Any(e => e.Revision != revision)) clock.Run(TimeSpan.FromSeconds(1));
        return
        [
            .. edges.Select(e => e.Revision == revision ? e.SinceSeconds - start : double.PositiveInfinity).Order(),
        ];
    }

    public void Dispose()
    {
        stop.Cancel();
        foreach (SimulatedEdge edge in edges)
        {
            edge.Verify();
            edge.Dispose();
        }

        stop.Dispose();
    }
}
