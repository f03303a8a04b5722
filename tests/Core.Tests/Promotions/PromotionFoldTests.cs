using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Promotions;

public sealed class PromotionFoldTests
{
    private static readonly Dictionary<string, RouteState> NoRoutes = [];

    [Theory]
    [InlineData(LanePhase.Queued, PromotionState.Building)]
    [InlineData(LanePhase.Failed, PromotionState.Rejected)]
    [InlineData(LanePhase.Error, PromotionState.Failed)]
    [InlineData(LanePhase.Inconclusive, PromotionState.Held)]
    [InlineData(LanePhase.Passed, PromotionState.Gated)]
    public void Lane_WithoutARoute_TellsItsPhase(LanePhase phase, PromotionState expected) =>
        Assert.Equal(expected, Lane(phase, route: null));

    [Fact]
    public void Lane_WhoseEngineIsStable_IsLive() =>
        Assert.Equal(PromotionState.Live, Lane(LanePhase.Passed, Some.Route(Some.Version(4))));

    [Fact]
    public void Lane_WhoseVersionIsStableOnAnotherRuntime_IsGated() =>
        Assert.Equal(PromotionState.Gated, Lane(LanePhase.Passed, Some.Route(Some.Version(4, "ort-1.29.0-webgpu"))));

    [Fact]
    public void Lane_OfTheCandidate_IsRollingOut() =>
        Assert.Equal(PromotionState.RollingOut, Lane(LanePhase.Passed, Some.Route(Some.Version(3), Some.Version(4))));

    [Fact]
    public void Lane_UnderANewerStable_IsSuperseded() =>
        Assert.Equal(PromotionState.Superseded, Lane(LanePhase.Passed, Some.Route(Some.Version(5))));

    [Fact]
    public void Lane_UnderANewerCandidate_IsSuperseded() =>
        Assert.Equal(PromotionState.Superseded, Lane(LanePhase.Passed, Some.Route(Some.Version(3), Some.Version(5))));

    [Fact]
    public void Lane_UnderANewerVersionThatWasWithdrawn_StaysSuperseded() =>
        Assert.Equal(
            PromotionState.Superseded,
            Lane(LanePhase.Passed, Some.Route(Some.Version(3)) with { HighestAcceptanceNumber = 5 }));

    [Fact]
    public void Lane_WhoseVersionWasWithdrawn_IsRolledBack() =>
        Assert.Equal(PromotionState.RolledBack, Lane(LanePhase.Passed, Withdrawn()));

    [Fact]
    public void Lane_OverAnOlderStable_WaitsGated() =>
        Assert.Equal(PromotionState.Gated, Lane(LanePhase.Passed, Some.Route(Some.Version(3))));

    [Fact]
    public void Lane_OfACandidateWithoutItsRuntime_IsGated() =>
        Assert.Equal(
            PromotionState.Gated, Lane(LanePhase.Passed, Some.Route(Some.Version(3), Some.Version(4, "ort-1.29.0-webgpu"))));

    [Fact]
    public void Whole_WithoutAnEngineThatTheRouteNeeds_IsHeldNotGated()
    {
        var routes = new Dictionary<string, RouteState>
        {
            [Some.Cpu.Target] = Some.Route(Some.Version(3, Some.Cpu.Runtime, "ort-1.29.0-webgpu")),
        };
        AssertFold(
            PromotionFold.Fold(Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, LanePhase.Passed)], routes), PromotionState.Held,
            $"1 of 1 lane passed; {Some.Cpu.Target} waits for an engine for 'ort-1.29.0-webgpu', where version '3' serves; "
            + "first build it there, then traffic can move.", quorum: true, open: true);
    }

    [Fact]
    public void Whole_WithoutAnEngineThatNobodyRunsAnyMore_IsGated()
    {
        var routes = new Dictionary<string, RouteState>
        {
            [Some.Cpu.Target] = Some.Route(Some.Version(3, Some.Cpu.Runtime, "ort-1.28.0-cpu")),
        };
        Assert.Equal(
            PromotionState.Gated,
            PromotionFold.Fold(
                Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, LanePhase.Passed)], routes, inUse: [Some.Cpu]).State);
    }

    [Fact]
    public void Whole_WithAnEnd_IsThatEnd()
    {
        Promotion promotion = Some.Promotion(Some.Cpu) with
        {
            End = new PromotionEnd { State = PromotionState.Cancelled, Reason = "Not now.", Who = "ada", At = Some.Now },
        };
        PromotionSummary summary = Fold(promotion, LanePhase.Passed);
        Assert.Equal((PromotionState.Cancelled, "Not now."), (summary.State, summary.Reason));
        Assert.False(summary.Open);
    }

    [Fact]
    public void Whole_WithoutLanes_IsAccepted() =>
        AssertFold(
            PromotionFold.Fold(Some.Promotion(Some.Cpu), [], NoRoutes), PromotionState.Accepted,
            "Accepted; its builds are not planned yet.", open: true);

    [Fact]
    public void Whole_WhileLanesBuild_IsBuilding() =>
        AssertFold(
            Fold(Three(), LanePhase.Passed, LanePhase.Passed, LanePhase.Queued), PromotionState.Building,
            "2 of 3 lanes passed; sm_75/trt-11.1.0.106 still building.", open: true);

    [Fact]
    public void Whole_WithALanePlannedButNotThere_IsBuilding() =>
        AssertFold(
            Fold(Three(), LanePhase.Passed, LanePhase.Passed), PromotionState.Building,
            "2 of 3 lanes passed; sm_75/trt-11.1.0.106 still building.", open: true);

    [Fact]
    public void Whole_WhenAllPassed_IsGatedForTheRoute() =>
        AssertFold(
            Fold(Three(), LanePhase.Passed, LanePhase.Passed, LanePhase.Passed), PromotionState.Gated,
            $"3 of 3 lanes passed; {Some.Cpu}, {Some.Cuda}, {Some.TensorRt} next on the route.", quorum: true, open: true);

    [Fact]
    public void Whole_NeedingApproval_IsHeld() =>
        AssertFold(
            Fold(WithApproval(Some.Promotion(Some.Cpu)), LanePhase.Passed), PromotionState.Held,
            "1 of 1 lane passed; it waits for approval before traffic moves.", quorum: true, open: true);

    [Fact]
    public void Whole_OnceApproved_IsGated()
    {
        Promotion promotion = WithApproval(Some.Promotion(Some.Cpu)) with
        {
            Approval = new PromotionApproval { Who = "ada", At = Some.Now },
        };
        Assert.Equal(PromotionState.Gated, Fold(promotion, LanePhase.Passed).State);
    }

    [Fact]
    public void Whole_NeedingApproval_IsNotHeldBeforeItPassed() =>
        Assert.Equal(PromotionState.Building, Fold(WithApproval(Some.Promotion(Some.Cpu)), LanePhase.Queued).State);

    [Fact]
    public void Whole_WhoseGateFailed_IsRejectedWithTheGatesReason() =>
        AssertFold(
            Fold(Some.Promotion(Some.Cpu), LanePhase.Failed), PromotionState.Rejected,
            "0 of 1 lane passed, 1 needed; cpu-x64-avx2/ort-1.29.0-cpu failed the accuracy gate: Output 'y': cosine "
            + "similarity 0.9 is below the limit of 0.99.");

    [Fact]
    public void Whole_ThatCouldNotBeBuilt_IsFailed() =>
        AssertFold(
            Fold(Some.Promotion(Some.Cpu), LanePhase.Error), PromotionState.Failed,
            "0 of 1 lane passed, 1 needed; cpu-x64-avx2/ort-1.29.0-cpu could not be built: The backend lacks operator 'Foo'.");

    [Fact]
    public void Whole_WithoutEvidence_IsHeld() =>
        AssertFold(
            Fold(Some.Promotion(Some.Cpu), LanePhase.Inconclusive), PromotionState.Held,
            "0 of 1 lane passed, 1 needed; cpu-x64-avx2/ort-1.29.0-cpu lacks evidence for the accuracy gate: No sample was "
            + "compared.", open: true);

    [Theory]
    // A failed gate outweighs an error, an error outweighs missing evidence.
    [InlineData(LanePhase.Failed, LanePhase.Error, LanePhase.Inconclusive, PromotionState.Rejected)]
    [InlineData(LanePhase.Passed, LanePhase.Error, LanePhase.Inconclusive, PromotionState.Failed)]
    [InlineData(LanePhase.Passed, LanePhase.Passed, LanePhase.Inconclusive, PromotionState.Held)]
    // It is decided as soon as the quorum is out of reach, whatever still builds.
    [InlineData(LanePhase.Failed, LanePhase.Queued, LanePhase.Queued, PromotionState.Rejected)]
    public void Whole_OutOfReachOfAllLanes_TellsTheWorst(
        LanePhase first, LanePhase second, LanePhase third, PromotionState expected) =>
        Assert.Equal(expected, Fold(Three(), first, second, third).State);

    [Theory]
    [InlineData(LanePhase.Passed, LanePhase.Passed, LanePhase.Failed, PromotionState.Gated)]
    [InlineData(LanePhase.Passed, LanePhase.Passed, LanePhase.Queued, PromotionState.Gated)]
    [InlineData(LanePhase.Passed, LanePhase.Queued, LanePhase.Failed, PromotionState.Building)]
    [InlineData(LanePhase.Passed, LanePhase.Error, LanePhase.Failed, PromotionState.Rejected)]
    public void Whole_WithAQuorumOfTwo_NeedsTwo(
        LanePhase first, LanePhase second, LanePhase third, PromotionState expected) =>
        Assert.Equal(expected, Fold(WithQuorum(Three(), 2), first, second, third).State);

    [Fact]
    public void Whole_ThatIsLive_NamesTheLanesThatAreNot()
    {
        var routes = new Dictionary<string, RouteState> { [Some.Cpu.Target] = Some.Route(Some.Version(4)) };
        PromotionSummary summary = PromotionFold.Fold(
            WithQuorum(Some.Promotion(Some.Cpu, Some.Cuda), 1),
            [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Error)], routes);
        AssertFold(
            summary, PromotionState.Live,
            "Live on 1 of 2 lanes; sm_75/ort-1.29.0-cuda could not be built: The backend lacks operator 'Foo'.",
            quorum: true);
    }

    [Fact]
    public void Whole_ThatIsLiveWhileALaneBuilds_SaysSo()
    {
        var routes = new Dictionary<string, RouteState> { [Some.Cpu.Target] = Some.Route(Some.Version(4)) };
        PromotionSummary summary = PromotionFold.Fold(
            WithQuorum(Some.Promotion(Some.Cpu, Some.Cuda), 1),
            [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Queued)], routes);
        AssertFold(
            summary, PromotionState.Live, "Live on 1 of 2 lanes; sm_75/ort-1.29.0-cuda still building.", quorum: true);
    }

    [Fact]
    public void Whole_LiveHereAndWaitingThere_IsGated()
    {
        var routes = new Dictionary<string, RouteState> { [Some.Cpu.Target] = Some.Route(Some.Version(4)) };
        PromotionSummary summary = PromotionFold.Fold(
            Some.Promotion(Some.Cpu, Some.Cuda),
            [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Passed)], routes);
        Assert.Equal((PromotionState.Gated, true), (summary.State, summary.Open));
        Assert.Equal("2 of 2 lanes passed; sm_75/ort-1.29.0-cuda next on the route.", summary.Reason);
    }

    [Fact]
    public void Whole_RollingOut_TellsWeightAndStep() =>
        AssertFold(
            Routed(Some.Route(Some.Version(3), Some.Version(4))), PromotionState.RollingOut,
            "Rolling out: 10 % on cpu-x64-avx2, step 1 of 2.", quorum: true, open: true);

    [Fact]
    public void Whole_WhoseRolloutIsPaused_IsHeld()
    {
        RouteState route = Some.Route(Some.Version(3), Some.Version(4));
        route = route with { Rollout = route.Rollout! with { PausedBecause = "ada looks into it." } };
        AssertFold(
            Routed(route), PromotionState.Held, "The rollout on cpu-x64-avx2 is paused: ada looks into it.",
            quorum: true, open: true);
    }

    [Fact]
    public void Whole_TakenOffItsRoutes_IsRolledBack() =>
        AssertFold(
            Routed(Withdrawn()), PromotionState.RolledBack, "Taken off its routes: cpu-x64-avx2: Too many errors.",
            quorum: true);

    [Fact]
    public void Whole_UnderNewerVersions_IsSuperseded() =>
        AssertFold(
            Routed(Some.Route(Some.Version(5))), PromotionState.Superseded,
            "A newer version took its place on every route it passed for.", quorum: true);

    private static PromotionState Lane(LanePhase phase, RouteState? route) =>
        PromotionFold.FoldLane(Some.Promotion(Some.Cpu), Some.Row(Some.Cpu, phase), route);

    private static Promotion Three() => Some.Promotion(Some.Cpu, Some.Cuda, Some.TensorRt);

    private static Promotion WithApproval(Promotion promotion) =>
        promotion with { Policy = promotion.Policy with { ApprovalRequired = true } };

    private static Promotion WithQuorum(Promotion promotion, int quorum) =>
        promotion with { Policy = promotion.Policy with { Quorum = quorum } };

    private static RouteState Withdrawn() => Some.Route(Some.Version(3)) with
    {
        Withdrawn = [new WithdrawnVersion { Version = "4", Reason = "Too many errors.", At = Some.Now }],
    };

    private static PromotionSummary Fold(Promotion promotion, params LanePhase[] phases)
    {
        Lane[] lanes = [Some.Cpu, Some.Cuda, Some.TensorRt];
        return PromotionFold.Fold(promotion, [.. phases.Select((p, i) => Some.Row(lanes[i], p))], NoRoutes);
    }

    private static PromotionSummary Routed(RouteState route) => PromotionFold.Fold(
        Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, LanePhase.Passed)],
        new Dictionary<string, RouteState> { [route.Route.Target] = route });

    private static void AssertFold(
        PromotionSummary summary, PromotionState state, string reason, bool quorum = false, bool open = false)
    {
        Assert.Equal((state, reason), (summary.State, summary.Reason));
        Assert.Equal((quorum, open), (summary.QuorumReached, summary.Open));
    }
}
