using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Rollouts;

public sealed class RolloutAnalysisTests
{
    private static readonly TimeSpan Bake = TimeSpan.FromSeconds(30);

    [Theory]
    // Stable requests and errors, candidate requests and errors, seconds since the step began.
    [InlineData(100, 0, 20, 0, 30, RolloutAction.Advance, "enough time and requests without a fault")]
    [InlineData(100, 0, 20, 0, 29, RolloutAction.Wait, "the bake time is not over")]
    [InlineData(100, 0, 19, 0, 30, RolloutAction.Wait, "one request is missing")]
    [InlineData(0, 0, 20, 0, 30, RolloutAction.Advance, "the candidate alone was asked")]
    [InlineData(100, 0, 12, 12, 1, RolloutAction.Withdraw, "every one of few requests failed")]
    [InlineData(0, 0, 12, 12, 1, RolloutAction.Withdraw, "every request failed and stable was not asked")]
    [InlineData(1000, 0, 100, 20, 1, RolloutAction.Withdraw, "a fifth of the requests failed")]
    [InlineData(1000, 200, 100, 20, 30, RolloutAction.Advance, "as many failed on stable")]
    [InlineData(1000, 200, 12, 12, 1, RolloutAction.Withdraw, "far more failed than on a bad stable")]
    [InlineData(1000, 0, 2, 2, 1, RolloutAction.Wait, "two stray faults are no evidence")]
    [InlineData(100000, 0, 1000, 9, 30, RolloutAction.Advance, "less than the allowed hundredth more")]
    [InlineData(100000, 0, 1000, 13, 30, RolloutAction.Advance, "a little more than allowed, but it may be chance")]
    [InlineData(100000, 0, 1000, 30, 30, RolloutAction.Withdraw, "clearly more than the allowed hundredth")]
    [InlineData(100, 0, 0, 0, 100000, RolloutAction.Hold, "nobody asked the candidate for longer than a day")]
    [InlineData(100, 0, 20, 0, 100000, RolloutAction.Advance, "requests came late, but came")]
    public void Step_OnCounts_IsDecided(
        long stableRequests, long stableErrors, long requests, long errors, int seconds, RolloutAction expected, string because)
    {
        RolloutDecision decision = RolloutAnalysis.Decide(
            Rollout(), [Some.Edge("a", (1, stableRequests, stableErrors), (2, requests, errors))],
            Some.Now.AddSeconds(seconds));
        Assert.True(expected == decision.Action, $"{decision.Action}, where {because}: {decision.Reason}");
        Assert.Equal((requests, errors), (decision.Candidate.Requests, decision.Candidate.Errors));
        Assert.Equal((stableRequests, stableErrors), (decision.Stable.Requests, decision.Stable.Errors));
        Assert.NotEmpty(decision.Reason);
    }

    [Fact]
    public void LastStep_ThatHolds_Promotes()
    {
        RouteState route = Rollout();
        route = route with { Rollout = route.Rollout! with { Step = 1 } };
        RolloutDecision decision = RolloutAnalysis.Decide(route, [Some.Edge("a", (1, 100, 0), (2, 20, 0))], Some.Now + Bake);
        Assert.Equal(RolloutAction.Promote, decision.Action);
        Assert.Equal("50 % held for 30 s: 0 of 20 requests failed, stable 0 of 100 requests failed.", decision.Reason);
    }

    [Fact]
    public void Step_ThatWaits_TellsWhatIsMissing()
    {
        Assert.Equal(
            "10 % waits for 20 s of its bake time; 5 of 20 requests so far.",
            RolloutAnalysis.Decide(Rollout(), [Some.Edge("a", (2, 5, 0))], Some.Now.AddSeconds(10)).Reason);
        Assert.Equal(
            "10 % waits for requests only; 5 of 20 requests so far.",
            RolloutAnalysis.Decide(Rollout(), [Some.Edge("a", (2, 5, 0))], Some.Now.AddSeconds(40)).Reason);
    }

    [Fact]
    public void Withdrawal_OnErrors_TellsTheNumbers() =>
        Assert.Equal(
            "12 of 12 requests failed, stable 0 of 1000: with 99 % confidence at least 68.92 %, where at most 1.54 % is allowed.",
            RolloutAnalysis.Decide(Rollout(), [Some.Edge("a", (1, 1000, 0), (2, 12, 12))], Some.Now).Reason);

    [Fact]
    public void Pause_OutweighsEverything()
    {
        RouteState route = Rollout();
        route = route with { Rollout = route.Rollout! with { PausedBecause = "ada looks." } };
        Assert.Equal(
            RolloutAction.Wait,
            RolloutAnalysis.Decide(route, [Some.Edge("a", (1, 100, 0), (2, 100, 100))], Some.Now.AddDays(9)).Action);
    }

    [Fact]
    public void Route_WithoutARollout_Waits() =>
        Assert.Equal(RolloutAction.Wait, RolloutAnalysis.Decide(Some.Route(Some.Version(1)), [], Some.Now).Action);

    [Fact]
    public void Edge_ThatCannotRunTheCandidate_WithdrawsIt()
    {
        RolloutDecision decision = RolloutAnalysis.Decide(Rollout(), [Failing("2", Some.Now)], Some.Now);
        Assert.Equal(RolloutAction.Withdraw, decision.Action);
        Assert.Equal("Edge 'a' cannot run it: The digest does not match.", decision.Reason);
    }

    [Fact]
    public void Edge_ThatFailedAnotherVersionOrTargetOrBefore_DoesNotMatter()
    {
        FleetMember elsewhere = Failing("2", Some.Now);
        elsewhere = elsewhere with { Report = elsewhere.Report with { Target = "sm_75" } };
        RolloutDecision decision = RolloutAnalysis.Decide(
            Rollout(), [Failing("1", Some.Now), Failing("2", Some.Now.AddSeconds(-1)), elsewhere], Some.Now);
        Assert.Equal(RolloutAction.Wait, decision.Action);
    }

    [Theory]
    [InlineData(1000, 3, 1000, 30, RolloutAction.Withdraw, "ten times as slow")]
    [InlineData(1000, 3, 1000, 3, RolloutAction.Advance, "as fast")]
    [InlineData(1000, 3, 1000, 4.5, RolloutAction.Advance, "slower by less than a bucket")]
    [InlineData(1000, 3, 1000, 7, RolloutAction.Advance, "slower, but within the ratio of the buckets' edges")]
    [InlineData(1000, 3, 1000, 9, RolloutAction.Withdraw, "slower than the ratio of the buckets' edges")]
    [InlineData(1000, 30, 1000, 3, RolloutAction.Advance, "faster")]
    [InlineData(100, 3, 1000, 30, RolloutAction.Advance, "too few stable requests to tell their P99")]
    public void Step_OnLatency_IsDecided(
        long stableRequests, double stable, long requests, double candidate, RolloutAction expected, string because)
    {
        FleetMember edge = Some.Edge("a");
        edge = edge with
        {
            Report = edge.Report with
            {
                Counters = [Some.Counters(1, stableRequests, 0, stable), Some.Counters(2, requests, 0, candidate)],
            },
        };
        RolloutDecision decision = RolloutAnalysis.Decide(Rollout(), [edge], Some.Now + Bake);
        Assert.True(expected == decision.Action, $"{decision.Action}, where it is {because}: {decision.Reason}");

        RouteState unlimited = Rollout();
        unlimited = unlimited with
        {
            Rollout = unlimited.Rollout! with { Policy = unlimited.Rollout.Policy with { P99RatioMaximum = null } },
        };
        Assert.Equal(RolloutAction.Advance, RolloutAnalysis.Decide(unlimited, [edge], Some.Now + Bake).Action);
    }

    private static RouteState Rollout() => Some.Route(Some.Version(1), Some.Version(2));

    private static FleetMember Failing(string version, DateTimeOffset at)
    {
        FleetMember edge = Some.Edge("a");
        return new FleetMember
        {
            ReportedAt = at,
            Report = edge.Report with
            {
                Engines =
                [
                    new EdgeEngine
                    {
                        Model = "ocr-rec",
                        Version = version,
                        Status = EdgeEngineStatus.Failed,
                        Reason = "The digest does not match.",
                    },
                ],
            },
        };
    }
}
