using System.Collections.Immutable;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Fleet;
using Pipeline.Core.Promotions;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Functions.Rollouts;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>What a tick makes of what the edges have reported.</summary>
[Collection(Bench.Collection)]
public sealed class RolloutDriverTests(CloudFixture cloud)
{
    [Fact]
    public async Task Breach_IsWithdrawnByOneTick_AndItsNumbersAreKept()
    {
        await using Bench bench = await StartAsync();
        await ReportAsync(bench, candidateRequests: 1000, candidateErrors: 300);

        await bench.Get<RolloutDriver>().DriveAsync(Bench.Cancel);

        Assert.Null((await bench.RouteAsync()).Route.Candidate);
        Assert.Equal(PromotionState.RolledBack, await bench.StateAsync(2));
        RouteHistoryEntry entry = (await HistoryAsync(bench))[0];
        RolloutEvidence evidence = Assert.IsType<RolloutEvidence>(entry.Evidence);
        Assert.Equal((RolloutAction.Withdraw, 1000, 300), (evidence.Action, evidence.Candidate.Requests, evidence.Candidate.Errors));
        Assert.Equal((5000, 0), (evidence.Stable.Requests, evidence.Stable.Errors));
        Assert.EndsWith(evidence.Reason, entry.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_ThatHolds_IsTakenWithItsNumbers_AndWaitingWritesNothing()
    {
        await using Bench bench = await StartAsync();
        await ReportAsync(bench, candidateRequests: 1000, candidateErrors: 0);
        bench.Clock.Advance(TimeSpan.FromMinutes(6));

        await bench.Get<RolloutDriver>().DriveAsync(Bench.Cancel);
        ImmutableArray<RouteHistoryEntry> after = await HistoryAsync(bench);
        await bench.Get<RolloutDriver>().DriveAsync(Bench.Cancel);

        RouteState route = await bench.RouteAsync();
        Assert.Equal((1, 2500), (route.Rollout?.Step, route.Route.CandidateWeight));
        Assert.Equal((RolloutAction.Advance, 1000), (route.Rollout?.Evidence?.Action, route.Rollout?.Evidence?.Candidate.Requests));
        Assert.Equal(route.Rollout?.Evidence, after[0].Evidence);
        Assert.Equal(after.Length, (await HistoryAsync(bench)).Length);
    }

    private static async Task ReportAsync(Bench bench, long candidateRequests, long candidateErrors)
    {
        var report = new FleetReport
        {
            Edge = "edge-1",
            Target = bench.Lane.Target,
            Runtime = bench.Lane.Runtime,
            StartId = "start-1",
            Revision = 2,
            Counters = [Counters(bench, "1", 5000, 0), Counters(bench, "2", candidateRequests, candidateErrors)],
            Steps = [new StepBaseline { Model = bench.Model, Revision = (await bench.RouteAsync()).Route.StepRevision }],
        };
        await bench.Get<FleetStore>().ReportAsync(report, Bench.Cancel);
    }

    private static VersionCounters Counters(Bench bench, string version, long requests, long errors)
    {
        long[] latency = new long[LatencyHistogram.BucketCount];
        latency[LatencyHistogram.BucketOf(3)] = requests - errors;
        return new VersionCounters
        {
            Model = bench.Model,
            Version = version,
            Requests = requests,
            Errors = errors,
            Latency = [.. latency],
        };
    }

    private static Task<ImmutableArray<RouteHistoryEntry>> HistoryAsync(Bench bench) =>
        bench.Get<RouteStore>().HistoryAsync(bench.Lane.Target, 10, Bench.Cancel);

    private async Task<Bench> StartAsync()
    {
        Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed);
        Assert.Equal("2", (await bench.RouteAsync()).Route.Candidate?.Version);
        return bench;
    }
}
