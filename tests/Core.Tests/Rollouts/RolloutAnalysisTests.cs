using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Policies;
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
    [InlineData(0, 0, 20, 20, 1, RolloutAction.Withdraw, "every request failed and stable was not asked")]
    [InlineData(0, 0, 19, 19, 1, RolloutAction.Wait, "stable was not asked, and one user may have sent the few requests that failed")]
    [InlineData(1000, 0, 100, 20, 1, RolloutAction.Withdraw, "a fifth of the requests failed")]
    [InlineData(1000, 200, 100, 20, 30, RolloutAction.Advance, "as many failed on stable")]
    [InlineData(1000, 200, 12, 12, 1, RolloutAction.Wait, "far more failed than on a bad stable, but twelve are few")]
    [InlineData(1000, 200, 20, 20, 30, RolloutAction.Withdraw, "far more failed than on a bad stable")]
    [InlineData(1000, 0, 2, 2, 1, RolloutAction.Wait, "two stray faults are no evidence")]
    [InlineData(100000, 0, 1000, 4, 30, RolloutAction.Advance, "less than the allowed two hundredth more")]
    [InlineData(100000, 0, 1000, 9, 30, RolloutAction.Wait, "more than allowed, but it may be chance")]
    [InlineData(100000, 0, 20, 2, 30, RolloutAction.Advance, "two stray faults hold nothing up")]
    [InlineData(100000, 0, 1000, 9, 100000, RolloutAction.Hold, "more than allowed, perhaps by chance, for longer than a day")]
    [InlineData(100000, 0, 1000, 30, 30, RolloutAction.Withdraw, "clearly more than the allowed two hundredth")]
    [InlineData(100000, 0, 1000, 30, 0, RolloutAction.Withdraw, "a breach does not wait for the bake time")]
    [InlineData(100000, 1000, 1000, 15, 30, RolloutAction.Advance, "as many more than on stable as allowed")]
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
            "12 of 12 requests failed, stable 0 of 1000: with 99 % confidence at least 16.36 %, where at most 1.42 % is allowed.",
            RolloutAnalysis.Decide(Rollout(), [Some.Edge("a", (1, 1000, 0), (2, 12, 12))], Some.Now).Reason);

    [Fact]
    public void Pause_StopsTheSteps_ButNotAWithdrawal()
    {
        RouteState route = Rollout();
        route = route with { Rollout = route.Rollout! with { PausedBecause = "ada looks." } };
        RolloutDecision paused = RolloutAnalysis.Decide(route, [Some.Edge("a", (1, 100, 0), (2, 100, 0))], Some.Now.AddDays(9));
        Assert.Equal((RolloutAction.Wait, "Paused: ada looks."), (paused.Action, paused.Reason));
        Assert.Equal(
            RolloutAction.Withdraw,
            RolloutAnalysis.Decide(route, [Some.Edge("a", (1, 100, 0), (2, 100, 100))], Some.Now).Action);
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

    [Fact]
    public void Edge_ThatIsItselfAtFault_DoesNotEndTheRolloutOfAllOthers() => Assert.All(
        new[] { EdgeEngineStatus.Loading, EdgeEngineStatus.MemoryExceeded },
        s => Assert.Equal(RolloutAction.Wait, RolloutAnalysis.Decide(Rollout(), [Failing("2", Some.Now, s)], Some.Now).Action));

    [Theory]
    [InlineData(1000, 3, 1000, 30, RolloutAction.Withdraw, "ten times as slow")]
    [InlineData(1000, 3, 1000, 3, RolloutAction.Advance, "as fast")]
    [InlineData(1000, 3, 1000, 3.5, RolloutAction.Advance, "slower, but within the ratio")]
    [InlineData(1000, 3, 1000, 4.5, RolloutAction.Withdraw, "slower than the ratio")]
    [InlineData(1000, 30, 1000, 3, RolloutAction.Advance, "faster")]
    [InlineData(100, 3, 1000, 30, RolloutAction.Wait, "too few stable requests to tell their P99")]
    [InlineData(1000, 3, 99, 30, RolloutAction.Advance, "below a hundred requests P99 is the slowest one")]
    [InlineData(1000, 3, 100, 30, RolloutAction.Withdraw, "ten times as slow on a hundred requests")]
    public void Step_OnLatency_IsDecided(
        long stableRequests, double stable, long requests, double candidate, RolloutAction expected, string because)
    {
        FleetMember edge = Reporting(Some.Counters(1, stableRequests, 0, stable), Some.Counters(2, requests, 0, candidate));
        RolloutDecision decision = RolloutAnalysis.Decide(Rollout(), [edge], Some.Now + Bake);
        Assert.True(expected == decision.Action, $"{decision.Action}, where it is {because}: {decision.Reason}");
        Assert.Equal(
            RolloutAction.Advance, RolloutAnalysis.Decide(With(p => p with { P99RatioMaximum = null }), [edge], Some.Now + Bake).Action);
    }

    [Fact]
    public void Withdrawal_OnLatency_TellsTheNumbers() =>
        Assert.Equal(
            "P99 is about 30.63 ms, stable 3.08 ms: with 99 % confidence at least 30.61 ms, where at most 3.7 ms is allowed.",
            RolloutAnalysis.Decide(
                Rollout(), [Reporting(Some.Counters(1, 1000, 0, 3), Some.Counters(2, 1000, 0, 30))], Some.Now).Reason);

    [Theory]
    [InlineData(1000, 5, RolloutAction.Advance, "as few diverged as allowed")]
    [InlineData(1000, 15, RolloutAction.Wait, "more diverged than allowed, but it may be chance")]
    [InlineData(1000, 40, RolloutAction.Withdraw, "clearly more diverged than allowed")]
    [InlineData(10, 2, RolloutAction.Advance, "two stray answers say nothing")]
    public void Step_OnShadows_IsDecided(long compared, long diverged, RolloutAction expected, string because)
    {
        RolloutDecision decision = RolloutAnalysis.Decide(
            With(p => p with { Shadow = new ShadowPolicy { SharePercent = 10 } }), [Shadowing(20, compared, diverged)],
            Some.Now + Bake);
        Assert.True(expected == decision.Action, $"{decision.Action}, where {because}: {decision.Reason}");
        Assert.Equal(
            RolloutAction.Advance, RolloutAnalysis.Decide(Rollout(), [Shadowing(20, compared, diverged)], Some.Now + Bake).Action);
    }

    [Theory]
    [InlineData(20, 19, RolloutAction.Wait, "0 % waits for shadow answers only; 19 of 20 shadow answers so far.")]
    [InlineData(
        0, 20, RolloutAction.Advance,
        "0 % held for 30 s: 0 of 0 requests failed, stable 0 of 1000 requests failed, 0 of 20 shadow answers diverged.")]
    public void StepOnShadowsAlone_CountsThem(long requests, long compared, RolloutAction expected, string reason)
    {
        RolloutPolicy policy = Some.Steps(0, 50) with { Shadow = new ShadowPolicy { SharePercent = 10 } };
        RolloutDecision decision = RolloutAnalysis.Decide(
            Some.Route(Some.Version(1), Some.Version(2), policy), [Shadowing(requests, compared, 0)], Some.Now + Bake);
        Assert.Equal((expected, reason), (decision.Action, decision.Reason));
    }

    [Theory]
    [InlineData(StarvedAction.Hold, 0, RolloutAction.Hold, "10 % saw 5 of 20 requests in 25 h; a person decides.")]
    [InlineData(StarvedAction.Promote, 0, RolloutAction.Advance, "10 % saw 5 of 20 requests in 25 h; the policy goes on without them.")]
    [InlineData(StarvedAction.Promote, 1, RolloutAction.Promote, "50 % saw 5 of 20 requests in 25 h; the policy goes on without them.")]
    [InlineData(StarvedAction.Withdraw, 0, RolloutAction.Withdraw, "10 % saw 5 of 20 requests in 25 h; the policy takes it back.")]
    public void Step_WithoutTraffic_EndsAsThePolicySays(StarvedAction after, int step, RolloutAction expected, string reason)
    {
        RouteState route = With(p => p with { AfterMaximumWait = after });
        route = route with { Rollout = route.Rollout! with { Step = step } };
        FleetMember edge = Some.Edge("a", (1, 100, 0), (2, 5, 0));
        RolloutDecision decision = RolloutAnalysis.Decide(route, [edge], Some.Now.AddHours(25));
        Assert.Equal((expected, reason), (decision.Action, decision.Reason));
        Assert.Equal(RolloutAction.Wait, RolloutAnalysis.Decide(route, [edge], Some.Now.AddHours(24)).Action);
    }

    [Theory]
    [InlineData(StarvedAction.Hold, 1000, 9, RolloutAction.Hold)]
    [InlineData(StarvedAction.Promote, 1000, 9, RolloutAction.Hold)]
    [InlineData(StarvedAction.Promote, 19, 3, RolloutAction.Hold)]
    [InlineData(StarvedAction.Promote, 19, 2, RolloutAction.Advance)]
    [InlineData(StarvedAction.Withdraw, 1000, 9, RolloutAction.Withdraw)]
    public void Step_ThatStaysUndecided_IsNeverPromoted(StarvedAction after, int requests, int errors, RolloutAction expected) =>
        Assert.Equal(
            expected,
            RolloutAnalysis.Decide(
                With(p => p with { AfterMaximumWait = after }), [Some.Edge("a", (1, 100000, 0), (2, requests, errors))],
                Some.Now.AddHours(25)).Action);

    [Fact]
    public void BadHour_OfBothSidesInALaterStep_IsNotTheCandidates()
    {
        // A twentieth fails on both sides, in the step that gave the candidate half of the traffic.
        RouteState route = With(p => p with { P99RatioMaximum = null });
        route = route with
        {
            Rollout = route.Rollout! with { Step = 1 },
        };
        FleetMember edge = Some.Edge("a", (1, 95000 + 10000, 95 + 510), (2, 5000 + 10000, 5 + 520));
        RolloutDecision decision = RolloutAnalysis.Decide(
            route, [edge.Since(Some.Edge("a", (1, 95000, 95), (2, 5000, 5)))], Some.Now + Bake);
        Assert.Equal(RolloutAction.Promote, decision.Action);
    }

    [Fact]
    public void Target_ThatIsWithdrawn_LeavesTheOthersToGoOn()
    {
        RouteState cpu = Rollout();
        RouteState gpu = cpu with { Route = cpu.Route with { Target = "sm_75" } };
        FleetMember bad = Some.Edge("a", (1, 1000, 0), (2, 1000, 200));
        FleetMember good = Some.Edge("b", (1, 1000, 0), (2, 1000, 0));
        FleetMember[] fleet = [bad, good with { Report = good.Report with { Target = "sm_75" } }];

        RouteState[] after = [.. new[] { cpu, gpu }.Select(route =>
        {
            RolloutDecision decision = RolloutAnalysis.Decide(route, fleet, Some.Now + Bake);
            return ((RouteOutcome.Changed)RoutePlanner.Apply(route, 7, decision, "pipeline", Some.Now + Bake)).Change.After;
        })];

        Assert.Equal((null, "2"), (after[0].Route.Candidate?.Version, after[0].Withdrawn.Single().Version));
        Assert.Equal(("2", 5000), (after[1].Route.Candidate?.Version, after[1].Route.CandidateWeight));
    }

    [Fact]
    public void MoreFaults_NeverSaveACandidate() =>
        Prop.ForAll<int, int, int>((a, b, c) =>
        {
            int requests = 1 + Math.Abs(a % 3000);
            int errors = Math.Abs(b % requests);
            int more = errors + Math.Abs(c % (requests - errors));
            return Rank(errors, requests) <= Rank(more, requests);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(100_000));

    // How bad the decision is for the candidate.
    private static int Rank(int errors, int requests) =>
        RolloutAnalysis.Decide(
            With(p => p with { P99RatioMaximum = null }), [Some.Edge("a", (1, 5000, 10), (2, requests, errors))],
            Some.Now.AddDays(2)).Action switch
        {
            RolloutAction.Withdraw => 2,
            RolloutAction.Hold => 1,
            _ => 0,
        };

    private static RouteState With(Func<RolloutPolicy, RolloutPolicy> change)
    {
        RouteState route = Rollout();
        return route with { Rollout = route.Rollout! with { Policy = change(route.Rollout.Policy) } };
    }

    private static FleetMember Reporting(params VersionCounters[] counters)
    {
        FleetMember edge = Some.Edge("a");
        return edge with { Report = edge.Report with { Counters = [.. counters] } };
    }

    private static FleetMember Shadowing(long requests, long compared, long diverged) => Reporting(
        Some.Counters(1, 1000, 0, 3),
        Some.Counters(2, requests, 0, 3) with
        {
            Shadow = new ShadowCounters { Compared = compared, Diverged = diverged, Errors = 0, Skipped = 7 },
        });

    private static RouteState Rollout() => Some.Route(Some.Version(1), Some.Version(2));

    private static FleetMember Failing(
        string version, DateTimeOffset at, EdgeEngineStatus status = EdgeEngineStatus.Failed)
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
                        Status = status,
                        Reason = "The digest does not match.",
                    },
                ],
            },
        };
    }
}
