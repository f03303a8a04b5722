using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Json;
using Pipeline.Core.Management;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Rollouts;

public sealed class FleetWindowTests
{
    private static readonly RouteState Rollout = Some.Route(Some.Version(1), Some.Version(2));

    [Fact]
    public void Window_IsWhatCameSinceTheStepBegan()
    {
        FleetMember a = Some.Edge("a", (1, 130, 11), (2, 60, 5)).Since(Some.Edge("a", (1, 100, 10), (2, 50, 5)));
        FleetMember b = Some.Edge("b", (1, 8, 1), (2, 3, 3)).Since(Some.Edge("b", (1, 7, 0)));
        (WindowCounters stable, WindowCounters candidate) = FleetWindow.Measure(Rollout, [a, b]);
        Assert.Equal((31, 2), (stable.Requests, stable.Errors));
        Assert.Equal((13, 3), (candidate.Requests, candidate.Errors));
        Assert.Equal(10, candidate.Latency.Sum());
        Assert.Equal(10, candidate.Latency[LatencyHistogram.BucketOf(3)]);
    }

    [Fact]
    public void Shadows_AreCountedSinceTheStepBegan_AndFailedOnesHaveDiverged()
    {
        FleetMember a = Shadowing("a", compared: 110, diverged: 9, errors: 4)
            .Since(Shadowing("a", compared: 100, diverged: 7, errors: 1));
        WindowCounters candidate = FleetWindow.Measure(
            Rollout, [a, Shadowing("b", compared: 5, diverged: 1, errors: 0)]).Candidate;
        Assert.Equal((10 + 3 + 5, 2 + 3 + 1), (candidate.ShadowCompared, candidate.ShadowDiverged));
    }

    [Theory]
    [InlineData(Some.StepRevision - 1)]
    [InlineData(Some.StepRevision + 1)]
    public void Edge_ThatIsAtAnotherStep_CountsNothing(long step)
    {
        FleetMember edge = Some.Edge("a", (1, 1000, 0), (2, 1000, 500));
        (WindowCounters stable, WindowCounters candidate) = FleetWindow.Measure(Rollout, [edge.Since(Some.Edge("a"), step)]);
        Assert.Equal((0, 0), (stable.Requests, candidate.Requests));
    }

    [Fact]
    public void Step_OfAnotherModel_IsNotTheModels()
    {
        FleetMember edge = Some.Edge("a", (2, 1000, 500));
        FleetReport report = edge.Report;
        StepBaseline other = report.Steps[0] with { Model = "ocr-det" };
        Assert.Equal(0, FleetWindow.Measure(Rollout, [edge with { Report = report with { Steps = [other] } }]).Candidate.Requests);
        Assert.Equal(
            1000, FleetWindow.Measure(Rollout, [edge with { Report = report with { Steps = [other, .. report.Steps] } }]).Candidate.Requests);
    }

    [Fact]
    public void Counters_ThatFell_AreNeverNegative()
    {
        WindowCounters candidate = FleetWindow.Measure(
            Rollout, [Some.Edge("a", (2, 10, 1)).Since(Some.Edge("a", (2, 1000, 5)))]).Candidate;
        Assert.Equal((0, 0), (candidate.Requests, candidate.Errors));
        Assert.All(candidate.Latency, count => Assert.Equal(0, count));
    }

    [Fact]
    public void TenThousandEdges_AreAllCounted_AndTheRouteRowStaysSmall()
    {
        FleetMember[] fleet =
            [.. Enumerable.Range(0, 10_000).Select(i => Some.Edge($"edge-{i}", (1, 102, 0), (2, 11, 0)).Since(Some.Edge("", (1, 2, 0), (2, 1, 0))))];
        RolloutDecision decision = RolloutAnalysis.Decide(Rollout, fleet, Some.Now.AddHours(1));
        Assert.Equal((1_000_000, 100_000), (decision.Stable.Requests, decision.Candidate.Requests));
        RouteState after = Assert.IsType<RouteOutcome.Changed>(
            RoutePlanner.Apply(Rollout, Some.StepRevision, decision, "pipeline", Some.Now.AddHours(1))).Change.After;
        Assert.Equal(1, after.Rollout!.Step);
        // A table row takes 960 KiB of JSON.
        Assert.InRange(PipelineJson.Write(after).Length, 1, 16 * 1024);
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
        Assert.Equal(0, FleetWindow.Measure(Rollout, [elsewhere, other]).Candidate.Requests);
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
        WindowCounters candidate = FleetWindow.Measure(Rollout, [edge, edge]).Candidate;
        Assert.True(candidate.Requests > 0);
        Assert.True(candidate.Errors <= candidate.Requests);
        Assert.All(candidate.Latency, count => Assert.True(count >= 0));
        Assert.Equal(LatencyHistogram.BucketCount, candidate.Latency.Length);
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
            (WindowCounters stable, WindowCounters candidate) = FleetWindow.Measure(Rollout, [.. fleet.Select(e => e.Since(e))]);
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
}
