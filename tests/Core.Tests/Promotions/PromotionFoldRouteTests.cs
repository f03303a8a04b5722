using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Promotions;

/// <summary>What routes do to the fold: pins, targets that stay behind, engines that are measured again.</summary>
public sealed class PromotionFoldRouteTests
{
    private static readonly RoutePin AdasPin = new() { Who = "ada", Why = "The fair is on.", At = Some.Now };

    [Fact]
    public void PinnedRoute_HoldsWhatPassed_WithThePinsReason()
    {
        PromotionSummary summary = Fold(
            Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, LanePhase.Passed)],
            Some.Route(Some.Version(3)) with { Pin = AdasPin });
        Assert.Equal(PromotionState.Held, summary.State);
        Assert.Equal(
            "1 of 1 lane passed; cpu-x64-avx2 is pinned by ada: The fair is on; unpin it, then traffic can move.", summary.Reason);
    }

    [Fact]
    public void PinnedRoute_LetsAnotherTargetGoLive()
    {
        PromotionSummary summary = Fold(
            Some.Promotion(Some.Cpu, Some.Cuda), [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Passed)],
            Some.Route(Some.Version(3)) with { Pin = AdasPin }, OnCuda(Some.Version(4, Some.Cuda.Runtime)));
        Assert.Equal(PromotionState.Live, summary.State);
        Assert.Equal("Live on 1 of 2 lanes; cpu-x64-avx2 is pinned by ada: The fair is on.", summary.Reason);
    }

    [Fact]
    public void PinnedVersionItself_IsLive() =>
        Assert.Equal(
            PromotionState.Live,
            Fold(
                Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, LanePhase.Passed)],
                Some.Route(Some.Version(4)) with { Pin = AdasPin }).State);

    [Fact]
    public void QuorumOfTargets_GoesLive_AndTellsWhatTheFailedTargetStaysOn()
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.Cuda);
        promotion = promotion with { Policy = promotion.Policy with { QuorumTargets = [Some.Cpu.Target] } };
        LaneRecord[] lanes = [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Failed)];
        RouteState old = OnCuda(Some.Version(3, Some.Cuda.Runtime));

        Assert.True(Fold(promotion, lanes, Some.Route(Some.Version(3)), old).QuorumReached);
        PromotionSummary live = Fold(promotion, lanes, Some.Route(Some.Version(4)), old);

        Assert.Equal(PromotionState.Live, live.State);
        Assert.Equal(
            "Live on 1 of 2 lanes; sm_75/ort-1.29.0-cuda failed the accuracy gate: Output 'y': cosine similarity 0.9 is below "
            + "the limit of 0.99 (sm_75 stays on version '3').",
            live.Reason);
    }

    [Fact]
    public void QuorumOfTargets_WhoseTargetFailed_IsRejected()
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.Cuda);
        promotion = promotion with { Policy = promotion.Policy with { QuorumTargets = [Some.Cuda.Target] } };
        PromotionSummary summary = Fold(
            promotion, [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Failed)]);
        Assert.Equal(PromotionState.Rejected, summary.State);
        Assert.StartsWith("1 of 2 lanes passed, every lane of sm_75 needed; ", summary.Reason, StringComparison.Ordinal);
    }

    /// <summary>Every lane of the acceptance passed; what the fleet added since may fail without taking that back.</summary>
    [Theory]
    [InlineData(LanePhase.Failed)]
    [InlineData(LanePhase.Queued)]
    public void LaneThatTheFleetAdded_IsNoPartOfTheQuorum(LanePhase joined)
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.Cuda) with { JoinedLanes = [Some.Cuda] };
        PromotionSummary summary = Fold(promotion, [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, joined)]);
        Assert.Equal((PromotionState.Gated, true), (summary.State, summary.QuorumReached));
    }

    [Fact]
    public void Share_OfAFleetThatIsSilent_IsHeld_NotRejected()
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.Cuda);
        promotion = promotion with { Policy = promotion.Policy with { QuorumFleetShare = 0.5 } };
        LaneRecord[] lanes = [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Failed)];
        Assert.Equal((PromotionState.Held, true), (Fold(promotion, lanes).State, Fold(promotion, lanes).Open));
        Assert.Equal(PromotionState.Rejected, Fold(promotion, [.. lanes.Select(l => l with { Phase = LanePhase.Failed })]).State);
    }

    [Fact]
    public void WithdrawnVersion_ComesBack_OnAnApprovalSinceThen()
    {
        RouteState route = Some.Route(Some.Version(3)) with
        {
            Withdrawn = [new WithdrawnVersion { Version = "4", Reason = "Bad.", At = Some.Now }],
            HighestAcceptanceNumber = 5,
        };
        PromotionState At(double hours, RouteState on) => PromotionFold.FoldLane(
            Some.Promotion(Some.Cpu) with { Approval = new PromotionApproval { Who = "ada", At = Some.Now.AddHours(hours) } },
            Some.Row(Some.Cpu, LanePhase.Passed), on);
        Assert.Equal(PromotionState.RolledBack, At(-1, route));
        Assert.Equal(PromotionState.Gated, At(1, route));
        Assert.Equal(PromotionState.Superseded, At(1, route with { Route = route.Route with { Stable = Some.Version(5) } }));
    }

    [Fact]
    public void Share_OfTheFleet_IsCounted()
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.Cuda);
        promotion = promotion with { Policy = promotion.Policy with { QuorumFleetShare = 0.8 } };
        LaneRecord[] lanes = [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Queued)];
        PromotionSummary Of(int cpu, int cuda) => PromotionFold.Fold(
            promotion, lanes, new Dictionary<string, RouteState>(),
            new Dictionary<Lane, int> { [Some.Cpu] = cpu, [Some.Cuda] = cuda });
        Assert.Equal((PromotionState.Gated, true), (Of(8, 2).State, Of(8, 2).QuorumReached));
        Assert.Equal((PromotionState.Building, false), (Of(7, 3).State, Of(7, 3).QuorumReached));
    }

    [Theory]
    [InlineData(LanePhase.Queued, "Live on 1 of 1 lane; cpu-x64-avx2/ort-1.29.0-cpu measured again while its engine serves.")]
    [InlineData(
        LanePhase.Error,
        "Live on 1 of 1 lane; cpu-x64-avx2/ort-1.29.0-cpu could not be built: The backend lacks operator 'Foo' when it was "
        + "measured again (attempt 1); its engine serves on until a person retries or rolls back.")]
    public void EngineOnItsRoute_MeasuredAgain_StaysLive(LanePhase phase, string reason)
    {
        PromotionSummary summary = Fold(Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, phase)], Some.Route(Some.Version(4)));
        Assert.Equal((PromotionState.Live, reason), (summary.State, summary.Reason));
        Assert.True(summary.QuorumReached && summary.HasTraffic);
    }

    [Fact]
    public void CandidateMeasuredAgain_KeepsRollingOut() =>
        Assert.Equal(
            PromotionState.RollingOut,
            Fold(
                Some.Promotion(Some.Cpu), [Some.Row(Some.Cpu, LanePhase.Failed)],
                Some.Route(Some.Version(3), Some.Version(4))).State);

    [Fact]
    public void FailureOfASecondMeasurement_LeavesOneNotice()
    {
        Promotion promotion = Some.Promotion(Some.Cpu);
        PromotionSummary summary = Fold(promotion, [Some.Row(Some.Cpu, LanePhase.Failed)], Some.Route(Some.Version(4)));

        Promotion told = PromotionUpdate.Next(promotion, summary, Some.Now)!;

        PromotionNotice notice = Assert.Single(told.Notices);
        Assert.Contains("failed the accuracy gate", notice.Text, StringComparison.Ordinal);
        Assert.Null(PromotionUpdate.Next(told, summary, Some.Now.AddHours(1)));
    }

    [Fact]
    public void SecondPause_HasItsOwnDeadline_OnceTheFirstIsLifted()
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.Cuda);
        LaneRecord[] lanes = [Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Passed)];
        RouteState Rollout(Lane lane, string? paused)
        {
            RouteState route = Some.Route(Some.Version(3, lane.Runtime), Some.Version(4, lane.Runtime));
            return route with
            {
                Route = route.Route with { Target = lane.Target },
                Rollout = route.Rollout! with { PausedBecause = paused },
            };
        }

        Promotion first = PromotionUpdate.Next(
            promotion, Fold(promotion, lanes, Rollout(Some.Cpu, "Look."), Rollout(Some.Cuda, null)), Some.Now)!;
        PromotionSummary both = Fold(promotion, lanes, Rollout(Some.Cpu, "Look."), Rollout(Some.Cuda, "Look."));
        Assert.Null(PromotionUpdate.Next(first, both, Some.Now.AddDays(6)));
        Promotion second = PromotionUpdate.Next(
            first, Fold(promotion, lanes, Rollout(Some.Cpu, null), Rollout(Some.Cuda, "Look.")), Some.Now.AddDays(6))!;

        Assert.Equal(Some.Now + promotion.Policy.HoldDeadline, first.Hold!.Deadline);
        Assert.Equal(Some.Now.AddDays(6) + promotion.Policy.HoldDeadline, second.Hold!.Deadline);
    }

    /// <summary>A lane that joins a version that is out does not ask the quorum again.</summary>
    [Fact]
    public void LaneThatPassesLate_MayJoinALiveVersion_WhateverTheQuorum()
    {
        PromotionSummary summary = Fold(
            Some.Promotion(Some.Cpu, Some.Cuda, Some.TensorRt),
            [
                Some.Row(Some.Cpu, LanePhase.Passed), Some.Row(Some.Cuda, LanePhase.Passed),
                Some.Row(Some.TensorRt, LanePhase.Failed),
            ],
            Some.Route(Some.Version(4)));
        Assert.True(summary.QuorumReached);
        Assert.Equal(PromotionState.Gated, summary.State);
    }

    private static RouteState OnCuda(RoutedVersion stable)
    {
        RouteState route = Some.Route(stable);
        return route with { Route = route.Route with { Target = Some.Cuda.Target } };
    }

    private static PromotionSummary Fold(Promotion promotion, LaneRecord[] lanes, params RouteState[] routes) =>
        PromotionFold.Fold(promotion, lanes, routes.ToDictionary(r => r.Route.Target));
}
