using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Fleet;

public sealed class FleetPlannerTests
{
    private static readonly Lane[] Deployed = [Some.Cpu, Some.Cuda, Some.TensorRt];
    private static readonly RouteState CpuStable = Some.Route(Some.Version(4));

    [Fact]
    public void NewTarget_GetsTheNewestLiveVersion()
    {
        FleetPlan plan = Plan([Edge(Some.Cuda)], [Live(3), Live(4)], [CpuStable]);
        FleetChange change = Assert.Single(plan.Added);
        Assert.Equal((Some.Promotion().Id, Some.Cuda), (change.Id, change.Lane));
        Assert.Equal("Edges run 'sm_75/ort-1.29.0-cuda', for which 'ocr-rec/4' has no engine: it is built and gated there.", change.Reason);
    }

    [Fact]
    public void NewTarget_GetsEveryModelThatIsLive()
    {
        FleetVersion other = Live(7, model: "ocr-cls");
        RouteState stable = Some.Route(Some.Version(7)) with
        {
            Route = Some.Route(Some.Version(7)).Route with { Model = "ocr-cls" },
        };
        Assert.Equal(
            ["ocr-cls/7", "ocr-rec/4"],
            Plan([Edge(Some.Cuda)], [Live(4), other], [CpuStable, stable]).Added.Select(a => $"{a.Id}").Order());
    }

    [Fact]
    public void NewRuntimeOfATarget_IsBuiltForTheVersionThatIsStableThere()
    {
        // Version 4 is live on the processor, but on sm_75 version 3 stayed.
        RouteState behind = OnSm75(Some.Version(3, Some.Cuda.Runtime));
        FleetPlan plan = Plan([Edge(Some.TensorRt)], [Live(3, lanes: Some.Cuda), Live(4, lanes: Some.Cpu)], [CpuStable, behind]);
        Assert.Equal("ocr-rec/3", $"{Assert.Single(plan.Added).Id}");
    }

    [Fact]
    public void NewRuntimeOfATarget_IsBuiltForItsCandidate_WhichCouldNotBecomeStableWithout()
    {
        RouteState rolling = OnSm75(Some.Version(3, Some.Cuda.Runtime), Some.Version(4, Some.Cuda.Runtime));
        FleetPlan plan = Plan(
            [Edge(Some.TensorRt)],
            [Live(3, lanes: Some.Cuda), Live(4, lanes: Some.Cuda, state: PromotionState.RollingOut)], [rolling]);
        Assert.Equal(["ocr-rec/3", "ocr-rec/4"], plan.Added.Select(a => $"{a.Id}"));
    }

    [Fact]
    public void VersionOnItsWay_GetsTheNewLane_Too()
    {
        FleetPlan plan = Plan([Edge(Some.Cuda)], [Live(4), Live(5, state: PromotionState.Building)], [CpuStable]);
        Assert.Equal(["ocr-rec/4", "ocr-rec/5"], plan.Added.Select(a => $"{a.Id}"));
    }

    [Theory]
    [InlineData(PromotionState.Superseded)]
    [InlineData(PromotionState.RolledBack)]
    [InlineData(PromotionState.Rejected)]
    public void VersionThatIsOver_GetsNothing(PromotionState state) =>
        Assert.Equal(
            "ocr-rec/4",
            $"{Assert.Single(Plan([Edge(Some.Cuda)], [Live(4), Live(5, state: state)], [CpuStable]).Added).Id}");

    [Fact]
    public void VersionThatWasTakenOffTheTarget_GetsNothing()
    {
        RouteState withdrawn = OnSm75(Some.Version(3, Some.Cuda.Runtime)) with
        {
            Withdrawn = [new WithdrawnVersion { Version = "5", Reason = "Bad.", At = Some.Now }],
        };
        FleetPlan plan = Plan(
            [Edge(Some.TensorRt)], [Live(5, lanes: Some.Cpu, state: PromotionState.RollingOut)], [CpuStable, withdrawn]);
        Assert.Empty(plan.Added);
    }

    [Fact]
    public void Policy_ThatNamesOtherLanes_IsKept()
    {
        FleetVersion live = Live(4);
        live = live with { Promotion = live.Promotion with { Policy = live.Promotion.Policy with { Targets = [Some.Cpu.Target] } } };
        Assert.Empty(Plan([Edge(Some.Cuda)], [live], [CpuStable]).Added);
    }

    [Fact]
    public void VersionWithTheLane_OrThatHasEnded_GetsNothing()
    {
        Assert.Empty(Plan([Edge(Some.Cpu)], [Live(4, lanes: Some.Cpu)], [CpuStable]).Added);
        FleetVersion ended = Live(4);
        ended = ended with
        {
            Promotion = ended.Promotion with
            {
                End = new PromotionEnd { State = PromotionState.Cancelled, Reason = "No.", Who = "ada", At = Some.Now },
            },
        };
        Assert.Empty(Plan([Edge(Some.Cuda)], [ended], [CpuStable]).Added);
    }

    [Fact]
    public void OldReports_SayNothing()
    {
        FleetMember old = Edge(Some.Cuda) with { ReportedAt = Some.Now - FleetPlanner.ReportAgeMaximum - TimeSpan.FromSeconds(1) };
        FleetMember foreign = Edge(Lane.Parse("sm_90/trt-11.1.0.106")) with { ReportedAt = old.ReportedAt };
        FleetPlan plan = Plan([old, foreign], [Live(4)], [CpuStable]);
        Assert.Empty(plan.Added);
        Assert.Empty(plan.Undeployed);
        Assert.Empty(FleetPlanner.EdgesByLane([old], Some.Now));
    }

    [Fact]
    public void LaneThatNobodyBuildsFor_IsNamed_AndNothingIsAdded()
    {
        var foreign = Lane.Parse("sm_90/trt-11.1.0.106");
        FleetPlan plan = Plan([Edge(foreign), Edge(foreign, "edge-2")], [Live(4)], [CpuStable]);
        Assert.Equal([foreign], plan.Undeployed);
        Assert.Empty(plan.Added);
    }

    [Fact]
    public void LaneOfAnEdgeThatIsServedOnAWiderOne_IsNotNamed()
    {
        FleetMember narrow = Edge(Lane.Parse("sm_90-h200/trt-11.1.0.106"));
        FleetMember wide = Edge(Lane.Parse("sm_90/trt-11.1.0.106"));
        Lane[] deployed = [Lane.Parse("sm_90/trt-11.1.0.106")];
        Assert.Empty(FleetPlanner.Undeployed(deployed, [narrow, wide], Some.Now));
        FleetMember other = Edge(Lane.Parse("sm_90-h200/trt-11.1.0.106"), "edge-2");
        Assert.Equal([Lane.Parse("sm_90-h200/trt-11.1.0.106")], FleetPlanner.Undeployed(deployed, [narrow, wide, other], Some.Now));
        Assert.Equal(2, FleetPlanner.Undeployed([Some.Cpu], [narrow, wide], Some.Now).Length);
        FleetMember silent = wide with { ReportedAt = Some.Now - FleetPlanner.ReportAgeMaximum - TimeSpan.FromSeconds(1) };
        Assert.Single(FleetPlanner.Undeployed(deployed, [narrow, silent], Some.Now));
    }

    [Fact]
    public void WiderTargetWithoutRoutes_IsBuiltForOnTheWordOfEdgesThatWouldServeByIt()
    {
        FleetMember edge = Edge(new Lane("cpu-x64-avx512", Some.Cuda.Runtime));
        Assert.Empty(Plan([edge], [Live(4)], [CpuStable]).Added);

        FleetMember wider = edge with { Report = edge.Report with { WiderTargets = [Some.Cuda.Target, "../x", Some.Cuda.Target] } };
        FleetPlan plan = Plan([wider], [Live(4)], [CpuStable]);
        Assert.Equal(Some.Cuda, Assert.Single(plan.Added).Lane);
        Assert.Empty(plan.Undeployed);
        Assert.Equal(1, FleetPlanner.EdgesByLane([wider], Some.Now)[Some.Cuda]);
    }

    [Fact]
    public void WildReports_AreBounded()
    {
        FleetMember[] wild =
        [
            .. Enumerable.Range(0, 100).Select(i => Edge(new Lane("sm_90", $"trt-11.1.0.{i}"), $"edge-{i}")),
            Edge(new Lane("../x", "trt-1.0.0")), Edge(new Lane("sm_90", "x y")),
        ];
        Assert.Equal(FleetPlanner.UndeployedMaximum, Plan(wild, [Live(4)], [CpuStable]).Undeployed.Length);
    }

    [Fact]
    public void OtherDriver_MeasuresTheServingEngineAgain_Once()
    {
        FleetVersion live = Measured("580.65.06");
        FleetChange change = Assert.Single(
            Plan([Edge(Some.Cpu, driver: "575.51.03")], [live], [CpuStable]).MeasuredAgain);
        Assert.Equal(
            "Edges of 'cpu-x64-avx2/ort-1.29.0-cpu' have driver 575.51.03, and 'ocr-rec/4' was measured with 580.65.06: it is "
            + "measured again while it serves.", change.Reason);

        LaneRecord queued = FleetPlanner.MeasureAgain(live.Lanes[0], change, Some.Now)!;
        Assert.Equal((LanePhase.Queued, 2), (queued.Phase, queued.Attempt));
        Assert.Null(FleetPlanner.MeasureAgain(queued, change, Some.Now));
        // Whatever driver the worker has: this one of the edges was asked about.
        LaneRecord measured = queued with { Phase = LanePhase.Passed, Driver = "580.65.06" };
        Assert.Empty(Plan([Edge(Some.Cpu, driver: "575.51.03")], [live with { Lanes = [measured] }], [CpuStable]).MeasuredAgain);
    }

    [Theory]
    [InlineData("580.65.06", "580.65.06")]
    [InlineData(null, "575.51.03")]
    [InlineData("580.65.06", null)]
    public void SameDriver_OrNone_MeasuresNothingAgain(string? measuredWith, string? edge) =>
        Assert.Empty(Plan([Edge(Some.Cpu, driver: edge)], [Measured(measuredWith)], [CpuStable]).MeasuredAgain);

    [Fact]
    public void OtherDriver_OfAVersionThatIsNotOnTheRoute_MeasuresNothingAgain() =>
        Assert.Empty(
            Plan([Edge(Some.Cpu, driver: "575.51.03")], [Measured("580.65.06")], [Some.Route(Some.Version(5))]).MeasuredAgain);

    private static FleetPlan Plan(FleetMember[] fleet, FleetVersion[] versions, RouteState[] routes) =>
        FleetPlanner.Plan(Deployed, fleet, versions, routes, Some.Now);

    private static FleetMember Edge(Lane lane, string name = "edge-1", string? driver = null)
    {
        FleetMember edge = Some.Edge(name);
        return edge with { Report = edge.Report with { Target = lane.Target, Runtime = lane.Runtime, Driver = driver } };
    }

    private static FleetVersion Live(
        int number, string model = "ocr-rec", PromotionState state = PromotionState.Live, params Lane[] lanes) => new()
        {
            Promotion = Some.Promotion(lanes.Length == 0 ? [Some.Cpu] : lanes) with
            {
                Model = model,
                Version = $"{number}",
                AcceptanceNumber = number,
                State = state,
            },
            Lanes = [],
        };

    private static FleetVersion Measured(string? driver) => Live(4) with
    {
        Lanes = [Some.Row(Some.Cpu, LanePhase.Passed) with { Driver = driver }],
    };

    private static RouteState OnSm75(RoutedVersion stable, RoutedVersion? candidate = null)
    {
        RouteState route = Some.Route(stable, candidate);
        return route with { Route = route.Route with { Target = Some.Cuda.Target } };
    }
}
