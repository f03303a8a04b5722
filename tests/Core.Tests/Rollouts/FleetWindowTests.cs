using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Rollouts;

public sealed class FleetWindowTests
{
    [Fact]
    public void Window_IsWhatCameSinceTheBaseline()
    {
        RouteState route = Since(Some.Edge("a", (1, 100, 10), (2, 50, 5)), Some.Edge("b", (1, 7, 0)));
        (WindowCounters stable, WindowCounters candidate) = FleetWindow.Measure(
            route, [Some.Edge("a", (1, 130, 11), (2, 60, 5)), Some.Edge("b", (1, 8, 1), (2, 3, 3))]);
        Assert.Equal((31, 2), (stable.Requests, stable.Errors));
        Assert.Equal((13, 3), (candidate.Requests, candidate.Errors));
        Assert.Equal(10, candidate.Latency.Sum());
        Assert.Equal(10, candidate.Latency[LatencyHistogram.BucketOf(3)]);
    }

    [Fact]
    public void Shadows_AreCountedSinceTheBaseline_AndFailedOnesHaveDiverged()
    {
        RouteState route = Since(Shadowing("a", compared: 100, diverged: 7, errors: 1));
        WindowCounters candidate = FleetWindow.Measure(
            route, [Shadowing("a", compared: 110, diverged: 9, errors: 4), Shadowing("b", compared: 5, diverged: 1, errors: 0)]).Candidate;
        Assert.Equal((10 + 3 + 5, 2 + 3 + 1), (candidate.ShadowCompared, candidate.ShadowDiverged));
    }

    [Fact]
    public void Edge_ThatStartedAgain_CountsFromZero()
    {
        RouteState route = Since(Some.Edge("a", (2, 1000, 5)));
        FleetMember restarted = Some.Edge("a", (2, 10, 1));
        restarted = restarted with { Report = restarted.Report with { StartId = "start-2" } };
        Assert.Equal(10, FleetWindow.Measure(route, [restarted]).Candidate.Requests);
    }

    [Fact]
    public void Counters_ThatFell_AreNeverNegative()
    {
        WindowCounters candidate = FleetWindow.Measure(Since(Some.Edge("a", (2, 1000, 5))), [Some.Edge("a", (2, 10, 1))]).Candidate;
        Assert.Equal((0, 0), (candidate.Requests, candidate.Errors));
        Assert.All(candidate.Latency, count => Assert.Equal(0, count));
    }

    [Fact]
    public void Counters_OfOtherTargetsAndModels_AreLeftOut()
    {
        FleetMember elsewhere = Some.Edge("a", (2, 10, 1));
        elsewhere = elsewhere with { Report = elsewhere.Report with { Target = "sm_75" } };
        FleetMember other = Some.Edge("b");
        other = other with
        {
            Report = other.Report with { Counters = [Some.Counters(2, 10, 0, 3) with { Model = "ocr-det" }] },
        };
        Assert.Equal(0, FleetWindow.Measure(Since(), [elsewhere, other]).Candidate.Requests);
    }

    [Fact]
    public void Counters_OfAStrangeShape_DoNotBreakTheWindow()
    {
        FleetMember edge = Some.Edge("a");
        VersionCounters counters = Some.Counters(2, 10, 0, 3);
        edge = edge with
        {
            Report = edge.Report with
            {
                Counters =
                [
                    counters with { Latency = default },
                    counters with { Latency = [1, 2] },
                    counters with { Latency = [.. Enumerable.Repeat(long.MaxValue, 100)], Requests = long.MaxValue },
                    counters with { Requests = long.MinValue, Errors = long.MaxValue },
                ],
            },
        };
        WindowCounters candidate = FleetWindow.Measure(Since(), [edge, edge]).Candidate;
        Assert.True(candidate.Requests > 0);
        Assert.True(candidate.Errors <= candidate.Requests);
        Assert.All(candidate.Latency, count => Assert.True(count >= 0));
        Assert.Equal(LatencyHistogram.BucketCount, candidate.Latency.Length);
    }

    [Fact]
    public void Baseline_TakesOnlyTheVersionsAskedFor()
    {
        ImmutableArray<CounterBaseline> baseline = FleetWindow.Baseline(
            [Some.Edge("a", (1, 1, 0), (2, 2, 0), (3, 3, 0))], "ocr-rec", ["1", "2"]);
        Assert.Equal(["1", "2"], baseline.Select(b => b.Counters.Version));
        Assert.All(baseline, b => Assert.Equal(("a", "start-1"), (b.Edge, b.StartId)));
        Assert.Empty(FleetWindow.Baseline([Some.Edge("a", (1, 1, 0))], "ocr-det", ["1"]));
    }

    [Fact]
    public void Window_FromNow_IsEmpty() =>
        Prop.ForAll<int, int, int>((a, b, c) =>
        {
            FleetMember[] fleet =
            [
                Some.Edge("a", (1, Math.Abs(a % 1000), 0), (2, Math.Abs(b % 1000), 0)),
                Some.Edge("b", (2, Math.Abs(c % 1000), 0)),
            ];
            (WindowCounters stable, WindowCounters candidate) = FleetWindow.Measure(Since(fleet), fleet);
            return stable.Requests == 0 && candidate.Requests == 0 && candidate.Latency.All(l => l == 0);
        }).QuickCheckThrowOnFailure();

    private static FleetMember Shadowing(string name, long compared, long diverged, long errors)
    {
        FleetMember edge = Some.Edge(name);
        VersionCounters counters = Some.Counters(2, 0, 0, 3) with
        {
            Shadow = new ShadowCounters { Compared = compared, Diverged = diverged, Errors = errors, Skipped = 0 },
        };
        return edge with { Report = edge.Report with { Counters = [counters] } };
    }

    private static RouteState Since(params FleetMember[] fleet)
    {
        RouteState route = Some.Route(Some.Version(1), Some.Version(2));
        return route with
        {
            Rollout = route.Rollout! with { Baseline = FleetWindow.Baseline(fleet, "ocr-rec", ["1", "2"]) },
        };
    }
}
