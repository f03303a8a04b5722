using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench.Fleet;

/// <summary>What a fleet does when storage, or its own size, does not behave.</summary>
internal sealed class FleetFaults(FleetScenario fleet, FleetSnapshots snapshots)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Every edge starts in the same second, with nothing on its disk.</summary>
    public async Task<OrderedDictionary<string, object>> StartTogetherAsync(CancellationToken cancellationToken)
    {
        using var simulation = new FleetSimulation(fleet, snapshots);
        await simulation.PublishAsync(cancellationToken);
        simulation.Start(within: TimeSpan.FromSeconds(1));
        return Row("all start in one second, nothing cached", simulation, simulation.RunUntilFollowed());
    }

    /// <summary>A revision is published while storage is away, and it comes back.</summary>
    public async Task<OrderedDictionary<string, object>> StorageAwayAsync(CancellationToken cancellationToken)
    {
        using FleetSimulation simulation = await SettledAsync(cancellationToken);
        for (int k = 0; k < fleet.Replicas; k++) simulation.Origin.Away.Add(k);
        simulation.Run(5 * Minute);
        await simulation.PublishAsync(cancellationToken);
        simulation.Origin.Away.Clear();
        simulation.Origin.ResetCounts();
        return Row("storage is back after 5 minutes", simulation, simulation.RunUntilFollowed());
    }

    /// <summary>One of the replicas fails for good; a revision is published in the same second.</summary>
    public async Task<OrderedDictionary<string, object>> ReplicaAwayAsync(CancellationToken cancellationToken)
    {
        using FleetSimulation simulation = await SettledAsync(cancellationToken);
        simulation.Origin.Away.Add(0);
        await simulation.PublishAsync(cancellationToken);
        simulation.Origin.ResetCounts();
        return Row("one replica fails as a revision comes", simulation, simulation.RunUntilFollowed());
    }

    /// <summary>The fleet is ten times what its interval was planned for, and the publisher has not noticed yet.</summary>
    public async Task<OrderedDictionary<string, object>> TooManyAsync(CancellationToken cancellationToken)
    {
        FleetScenario crowded = fleet with { Interval = fleet.Interval / 10 };
        using var simulation = new FleetSimulation(crowded, snapshots);
        await simulation.PublishAsync(cancellationToken);
        simulation.Start(within: Minute);
        simulation.Run(3 * Minute);
        simulation.Origin.ResetCounts();
        simulation.Run(Minute);
        await simulation.PublishAsync(fleet, cancellationToken);
        return Row("ten times as many as planned for", simulation, simulation.RunUntilFollowed());
    }

    private async Task<FleetSimulation> SettledAsync(CancellationToken cancellationToken)
    {
        var simulation = new FleetSimulation(fleet, snapshots);
        await simulation.PublishAsync(cancellationToken);
        simulation.Settle();
        return simulation;
    }

    private OrderedDictionary<string, object> Row(string what, FleetSimulation simulation, double[] delays)
    {
        OriginCounts counts = simulation.Origin.Counts;
        return new()
        {
            ["fault"] = what,
            ["edges"] = fleet.Edges,
            ["replicas"] = fleet.Replicas,
            ["p50Seconds"] = Percentiles.Of(delays, 50),
            ["p99Seconds"] = Percentiles.Of(delays, 99),
            ["maximumSeconds"] = delays[^1],
            ["peakPerBlob"] = counts.PeakPerBlob,
            ["refusedPercent"] = 100.0 * counts.Refused / counts.Requests,
        };
    }
}
