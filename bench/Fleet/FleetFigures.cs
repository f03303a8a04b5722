using Pipeline.Core.Fleet;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench.Fleet;

/// <summary>What a fleet costs while nothing changes, and how soon it follows a new revision.</summary>
internal sealed record FleetFigures(
    FleetScenario Fleet, double RequestsPerSecond, int PeakPerBlob, double RefusedPercent, double BytesPerDay,
    double BytesPerRevision, double[] Delays)
{
    private const double SecondsPerDay = 86_400;

    public double P99Seconds => Percentiles.Of(Delays, 99);

    /// <summary>Lets a fleet settle, counts, and publishes revisions at random moments.</summary>
    public static async Task<FleetFigures> MeasureAsync(
        FleetScenario fleet, FleetSnapshots snapshots, int revisions, CancellationToken cancellationToken)
    {
        using var simulation = new FleetSimulation(fleet, snapshots);
        await simulation.PublishAsync(cancellationToken);
        simulation.Settle();

        TimeSpan window = fleet.Followed * 4 < TimeSpan.FromSeconds(20) ? TimeSpan.FromSeconds(20) : fleet.Followed * 4;
        simulation.Origin.ResetCounts();
        simulation.Run(window);
        OriginCounts idle = simulation.Origin.Counts;

        simulation.Origin.ResetCounts();
        var random = new Random(2);
        var delays = new List<double>();
        double idleBytesPerSecond = idle.Bytes / window.TotalSeconds;
        double seconds = 0;
        for (int i = 0; i < revisions; i++)
        {
            TimeSpan pause = fleet.Followed * (1 + random.NextDouble());
            simulation.Run(pause);
            await simulation.PublishAsync(cancellationToken);
            double[] followed = simulation.RunUntilFollowed();
            delays.AddRange(followed);
            seconds += pause.TotalSeconds + Math.Ceiling(followed[^1]);
        }

        return new FleetFigures(
            fleet,
            idle.Requests / window.TotalSeconds,
            idle.PeakPerBlob,
            100.0 * idle.Refused / idle.Requests,
            idleBytesPerSecond * SecondsPerDay,
            (simulation.Origin.Counts.Bytes - idleBytesPerSecond * seconds) / revisions,
            [.. delays.Order()]);
    }

    public OrderedDictionary<string, object> Row() => new()
    {
        ["edges"] = Fleet.Edges,
        ["replicas"] = Fleet.Replicas,
        ["intervalSeconds"] = Fleet.Followed.TotalSeconds,
        ["jitter"] = Fleet.Jitter < PollWait.FullJitter ? "half" : "full",
        ["requestsPerSecond"] = RequestsPerSecond,
        ["perBlob"] = RequestsPerSecond / Fleet.Replicas,
        ["peakPerBlob"] = PeakPerBlob,
        ["refusedPercent"] = RefusedPercent,
        ["p50Seconds"] = Percentiles.Of(Delays, 50),
        ["p99Seconds"] = P99Seconds,
        ["maximumSeconds"] = Delays[^1],
        ["millionRequestsPerDay"] = RequestsPerSecond * SecondsPerDay / 1e6,
        ["gigabytesPerDay"] = BytesPerDay / 1e9,
        ["megabytesPerRevision"] = BytesPerRevision / 1e6,
    };
}
