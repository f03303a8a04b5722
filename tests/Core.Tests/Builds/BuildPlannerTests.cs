using Pipeline.Core.Builds;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Builds;

public sealed class BuildPlannerTests
{
    [Fact]
    public void Plan_OfANewVersion_QueuesEveryLane()
    {
        LaneRecord[] rows = [.. BuildPlanner.Plan(Some.Promotion(Some.Cpu, Some.TensorRt), [], Some.Now)];
        Assert.Equal([Some.Cpu, Some.TensorRt], rows.Select(r => r.Lane));
        Assert.All(rows, r => Assert.Equal((LanePhase.Queued, 1, Some.Now), (r.Phase, r.Attempt, r.QueuedAt)));
    }

    [Fact]
    public void Plan_Again_PlansOnlyWhatIsMissing()
    {
        Promotion promotion = Some.Promotion(Some.Cpu, Some.TensorRt);
        LaneRecord[] rows = [.. BuildPlanner.Plan(promotion, [Some.Row(Some.Cpu, LanePhase.Failed)], Some.Now)];
        Assert.Equal(Some.TensorRt, Assert.Single(rows).Lane);
        Assert.Empty(BuildPlanner.Plan(promotion, [.. rows, Some.Row(Some.Cpu, LanePhase.Failed)], Some.Now));
    }

    [Fact]
    public void Plan_OfAnEndedOrNeverAcceptedVersion_IsEmpty()
    {
        Promotion promotion = Some.Promotion(Some.Cpu);
        Assert.Empty(BuildPlanner.Plan(promotion with { AcceptanceNumber = null }, [], Some.Now));
        Assert.Empty(BuildPlanner.Plan(
            promotion with { End = new() { State = PromotionState.Cancelled, Reason = "No.", Who = "ada", At = Some.Now } }, [],
            Some.Now));
    }

    [Fact]
    public void Request_CarriesWhatAcceptanceFroze()
    {
        Promotion promotion = Some.Promotion(Some.Cpu) with
        {
            ExternalData = [Some.File("ocr-rec/4/weights.data")],
            Golden = [Some.File("ocr-rec/4/golden/a.npz")],
        };
        BuildRequest request = BuildPlanner.ToRequest(promotion, Some.Row(Some.Cpu, LanePhase.Queued) with { Attempt = 3 }, route: null);
        Assert.Equal(
            (1, "ocr-rec", "4", 4L, Some.Cpu, 3),
            (request.Schema, request.Model, request.Version, request.AcceptanceNumber, request.Lane, request.Attempt));
        Assert.Equal(promotion.Source, request.Source);
        Assert.Equal(promotion.ExternalData, request.ExternalData);
        Assert.Equal(promotion.Golden, request.Golden);
        Assert.Same(promotion.Policy, request.Policy);
    }

    [Fact]
    public void Request_WhereAnEngineServesTheLane_NamesItAsTheBaseline()
    {
        RoutedVersion stable = Some.Version(3);
        RoutedEngine engine = stable.Engines[Some.Cpu.Runtime];
        LaneRecord lane = Some.Row(Some.Cpu, LanePhase.Queued);
        Promotion promotion = Some.Promotion(Some.Cpu);
        Assert.Equal(
            new BaselineEngine
            {
                Version = "3",
                EngineKey = engine.EngineKey,
                EngineDigest = engine.EngineDigest,
                SizeBytes = engine.SizeBytes,
            },
            BuildPlanner.ToRequest(promotion, lane, Some.Route(stable, candidate: Some.Version(5))).Baseline);
        Assert.Null(BuildPlanner.ToRequest(promotion, lane, route: null).Baseline);
        Assert.Null(BuildPlanner.ToRequest(promotion, lane, Some.Route(Some.Version(3, "another-runtime"))).Baseline);
        Promotion alone = promotion with { Policy = new() { Benchmark = new() { Regression = null } } };
        Assert.Null(BuildPlanner.ToRequest(alone, lane, Some.Route(stable)).Baseline);
    }

    [Fact]
    public void Request_OfANeverAcceptedVersion_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => BuildPlanner.ToRequest(
            Some.Promotion(Some.Cpu) with { AcceptanceNumber = null }, Some.Row(Some.Cpu, LanePhase.Queued), route: null));

    // Frozen: the queue's duplicate detection compares it.
    [Fact]
    public void MessageId_OfARequest_NeverChanges() =>
        Assert.Equal(
            "b33b2b0fb82df77d3114a1698c39201343dea6250d890d88022eb883348cf3d9",
            BuildMessageId.Of(Request(Some.Promotion(Some.Cpu), attempt: 1)));

    [Fact]
    public void MessageId_DiffersByModelVersionLaneAndAttemptAlone()
    {
        Promotion promotion = Some.Promotion(Some.Cpu);
        string first = BuildMessageId.Of(Request(promotion, attempt: 1));
        string[] others =
        [
            BuildMessageId.Of(Request(promotion, attempt: 2)),
            BuildMessageId.Of(Request(promotion with { Model = "ocr" }, attempt: 1)),
            BuildMessageId.Of(Request(promotion with { Version = "5" }, attempt: 1)),
            BuildMessageId.Of(Request(promotion with { Model = "ocr-rec4", Version = "" }, attempt: 1)),
            BuildMessageId.Of(Request(promotion, attempt: 1) with { Lane = Some.TensorRt }),
        ];
        Assert.Equal(6, others.Append(first).Distinct().Count());
        Assert.Equal(first, BuildMessageId.Of(Request(promotion with { AcceptanceNumber = 9, Golden = [] }, attempt: 1)));
    }

    private static BuildRequest Request(Promotion promotion, int attempt) =>
        BuildPlanner.ToRequest(promotion, Some.Row(Some.Cpu, LanePhase.Queued) with { Attempt = attempt }, route: null);
}
