using Pipeline.Bench.Fleet;
using Pipeline.Bench.Reporting;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Fleet;

namespace Pipeline.Bench;

/// <summary>
/// How soon a fleet follows a new revision, and what its polls cost: the edge's own follower, thousands of times, against an
/// origin in memory that refuses as Azure Storage does, on a virtual clock.
/// </summary>
internal static class FleetBench
{
    private static readonly TimeSpan TwoSeconds = new SnapshotOptions().PollShortest;

    public static async Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-fleet-");
        try
        {
            using FleetSnapshots snapshots = await FleetSnapshots.CreateAsync(folder.FullName, cancellationToken);
            // As many deliveries for a small fleet as for a large one, so that its P99 is no accident.
            int deliveries = settings.Quick ? 2_000 : 10_000;
            async Task<FleetFigures> MeasureAsync(FleetScenario fleet)
            {
                settings.Say($"fleet: {fleet.Edges} edges, {fleet.Replicas} blobs, {fleet.Followed.TotalSeconds:0.0} s");
                return await FleetFigures.MeasureAsync(
                    fleet, snapshots, Math.Max(1, deliveries / fleet.Edges), cancellationToken);
            }

            FleetFigures small = await MeasureAsync(FleetScenario.Planned(500, 1, TwoSeconds));
            FleetFigures large = await MeasureAsync(FleetScenario.Planned(10_000, 1, TwoSeconds));
            FleetFigures[] jitters =
            [
                small, await MeasureAsync(Full(500, 1, TwoSeconds)),
                large, await MeasureAsync(Full(10_000, 1, FleetScenario.OwnInterval)),
                await MeasureAsync(Full(10_000, 2, FleetScenario.OwnInterval)),
            ];
            var planned = new List<FleetFigures>();
            foreach (FleetScenario fleet in Tradeoffs(settings.Quick))
                planned.Add(fleet == large.Fleet ? large : await MeasureAsync(fleet));
            settings.Say("fleet: faults");
            return new BenchResult
            {
                Name = "fleet",
                What = $"the edge's follower, on a virtual clock, {InMemoryOrigin.Latency.TotalMilliseconds:0} ms a request, against " +
                    $"an in-memory origin that refuses beyond {PollPlan.RequestsPerSecondMaximum} requests a second for one blob; " +
                    $"{deliveries} deliveries a row, at least one to each edge",
                Tables =
                [
                    new BenchTable("as deployed (one blob, 2 s at the shortest, 30 s at the longest), and with full jitter",
                        [.. jitters.Select(f => f.Row())]),
                    new BenchTable("as fast as the replicas allow, 0.5 s at the shortest", [.. planned.Select(f => f.Row())]),
                    new BenchTable("faults", [.. await FaultsAsync(settings, snapshots, cancellationToken)]),
                ],
                Goals = [.. Goals(small, large, jitters[^1], planned)],
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static FleetScenario Full(int edges, int replicas, TimeSpan interval) =>
        new() { Edges = edges, Replicas = replicas, Interval = interval, Jitter = PollWait.FullJitter };

    private static IEnumerable<FleetScenario> Tradeoffs(bool quick) =>
        from edges in quick ? [500, 2_000] : (int[])[500, 2_000, 10_000]
        from replicas in quick ? [1, 4] : (int[])[1, 2, 4, 8]
        select FleetScenario.Planned(edges, replicas, TimeSpan.FromSeconds(0.5));

    private static async Task<OrderedDictionary<string, object>[]> FaultsAsync(
        BenchSettings settings, FleetSnapshots snapshots, CancellationToken cancellationToken)
    {
        FleetScenario fleet = FleetScenario.Planned(settings.Quick ? 2_000 : 10_000, 4, TwoSeconds);
        var faults = new FleetFaults(fleet, snapshots);
        return
        [
            await faults.StartTogetherAsync(cancellationToken),
            await faults.StorageAwayAsync(cancellationToken),
            await faults.ReplicaAwayAsync(cancellationToken),
            await faults.TooManyAsync(cancellationToken),
        ];
    }

    private static IEnumerable<BenchGoal> Goals(
        FleetFigures small, FleetFigures large, FleetFigures full, IReadOnlyList<FleetFigures> planned)
    {
        yield return new BenchGoal("500 edges, one blob: 99 % within 2 s", small.P99Seconds, small.P99Seconds <= 2);
        yield return new BenchGoal("10,000 edges, one blob: 99 % within 30 s", large.P99Seconds, large.P99Seconds <= 30);
        yield return new BenchGoal(
            "10,000 edges, full jitter over 30 s, two blobs: 99 % within 30 s", full.P99Seconds, full.P99Seconds <= 30);
        double refused = planned.Append(small).Append(large).Max(f => f.RefusedPercent);
        yield return new BenchGoal("percent refused while all is well: below 0.1", refused, refused < 0.1);
    }
}
