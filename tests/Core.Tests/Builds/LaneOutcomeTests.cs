using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Builds;

public sealed class LaneOutcomeTests
{
    private static readonly Promotion Promotion = Some.Promotion(Some.Cpu);
    private static readonly LaneRecord Queued = Some.Row(Some.Cpu, LanePhase.Queued);

    private static readonly LaneRecord Passed = Some.Row(Some.Cpu, LanePhase.Passed) with { EngineDigest = Some.Sha256("engine") };

    private static readonly RouteState Serving = Some.Route(Some.Version(3));

    private static readonly EngineBuilt Built = new()
    {
        Schema = 1,
        Model = "ocr-rec",
        Version = "4",
        AcceptanceNumber = 4,
        Lane = Some.Cpu,
        Attempt = 1,
        EngineKey = Some.Sha256("key"),
        EngineDigest = Some.Sha256("engine"),
        ReportSha256 = Some.Sha256("report"),
    };

    private static readonly EngineFailed NotBuilt = new()
    {
        Schema = 1,
        Model = "ocr-rec",
        Version = "4",
        AcceptanceNumber = 4,
        Lane = Some.Cpu,
        Attempt = 1,
        Kind = BuildFailureKind.UnsupportedOperator,
        Message = "The backend lacks operator 'Foo'.",
    };

    [Theory]
    [InlineData(1.0, 100, LanePhase.Passed)]
    [InlineData(0.5, 100, LanePhase.Failed)]
    [InlineData(1.0, 5, LanePhase.Inconclusive)]
    // A failed gate outweighs one that lacks evidence.
    [InlineData(0.5, 5, LanePhase.Failed)]
    public void Built_IsJudgedByBothGates(double cosine, int samples, LanePhase expected)
    {
        LaneRecord row = LaneOutcome.OnBuilt(Queued, Built, Report(cosine, samples), Promotion, Some.Now.AddMinutes(1))!;
        Assert.Equal((expected, 1, Some.Now.AddMinutes(1)), (row.Phase, row.Attempt, row.FinishedAt));
        Assert.Equal(
            (Built.EngineKey, Built.EngineDigest, 10L, Built.ReportSha256, true),
            (row.EngineKey, row.EngineDigest, row.EngineSizeBytes, row.ReportSha256, row.Reused));
        Assert.Equal(["accuracy", "benchmark"], row.Decisions.Select(d => d.Gate));
        Assert.Equal("build", Assert.Single(row.Stages).Stage);
        Assert.Null(row.Failure);
    }

    [Theory]
    [InlineData(310_000_000L, 310_000_000L)]
    [InlineData(null, null)]
    [InlineData(0L, null)]
    [InlineData(-1L, null)]
    [InlineData(long.MaxValue, null)]
    public void Built_KeepsTheDeviceMemoryThatWasMeasured(long? measured, long? kept)
    {
        BuildReport report = Report();
        report = report with { Benchmark = report.Benchmark with { DeviceMemoryBytes = measured } };
        Assert.Equal(kept, LaneOutcome.OnBuilt(Queued, Built, report, Promotion, Some.Now)!.DeviceMemoryBytes);
    }

    [Fact]
    public void Built_OfAnotherAttemptLaneOrAcceptance_IsIgnored()
    {
        Assert.Null(OnBuilt(Queued with { Attempt = 2 }, Built));
        Assert.Null(OnBuilt(Queued, Built with { Attempt = 2 }));
        Assert.Null(OnBuilt(Queued, Built with { Lane = Some.Cuda }));
        Assert.Null(OnBuilt(Queued, Built with { AcceptanceNumber = 3 }));
    }

    [Fact]
    public void Built_WithAReportOfAnotherBuild_IsAnError()
    {
        LaneRecord row = LaneOutcome.OnBuilt(
            Queued, Built, Report() with { EngineDigest = Some.Sha256("other") }, Promotion, Some.Now)!;
        Assert.Equal((LanePhase.Error, BuildFailureKind.BadRequest), (row.Phase, row.Failure!.Kind));
        Assert.Null(row.EngineDigest);
    }

    [Fact]
    public void Failed_IsAnErrorWithItsMessage()
    {
        LaneRecord row = LaneOutcome.OnFailed(Queued, NotBuilt, Some.Now)!;
        Assert.Equal((LanePhase.Error, Some.Now), (row.Phase, row.FinishedAt));
        Assert.Equal(
            new LaneFailure { Kind = NotBuilt.Kind, Message = NotBuilt.Message }, row.Failure);
        Assert.Equal(
            1000, LaneOutcome.OnFailed(Queued, NotBuilt with { Message = new string('x', 50_000) }, Some.Now)!.Failure!.Message.Length);
    }

    [Fact]
    public void Retry_CountsTheAttemptUpAndForgetsTheOutcome()
    {
        LaneRecord built = OnBuilt(Queued, Built)!;
        LaneRecord row = LaneOutcome.Retry(built, Some.Now.AddHours(1));
        Assert.Equal((LanePhase.Queued, 2, Some.Now.AddHours(1)), (row.Phase, row.Attempt, row.QueuedAt));
        Assert.Equal((null, null, null, 0), (row.EngineDigest, row.FinishedAt, row.Failure, row.Decisions.Length));
        Assert.Null(OnBuilt(row, Built));
        Assert.NotNull(LaneOutcome.OnBuilt(row, Built with { Attempt = 2 }, Report() with { Attempt = 2 }, Promotion, Some.Now));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Built_WithoutTheComparisonThatWasAskedFor_IsInconclusive(bool compared)
    {
        LaneRecord again = LaneOutcome.MeasureAgain(Passed, Promotion, Serving, Some.Now)! with { Attempt = 1 };
        PairedEvidence paired = PairedEvidence.NotMeasured(Some.Engine("engine of 3" + Some.Cpu.Runtime).EngineDigest, "3") with
        {
            Profiles =
            [
                new PairedProfile
                {
                    Profile = "line",
                    Rounds = 16,
                    SamplesPerSide = 320,
                    P50 = new RatioInterval(1, 0.99, 1.01),
                    P99 = new RatioInterval(1, 0.95, 1.05),
                    Throughput = new RatioInterval(1, 0.99, 1.01),
                },
            ],
        };
        LaneRecord row = LaneOutcome.OnBuilt(
            again, Built, Report() with { Paired = compared ? paired : null }, Promotion, Some.Now)!;
        Assert.Equal(compared ? LanePhase.Passed : LanePhase.Inconclusive, row.Phase);
        Assert.Equal(compared ? paired.BaselineDigest : null, row.BaselineDigest);
        if (compared) Assert.Null(LaneOutcome.MeasureAgain(row, Promotion, Serving, Some.Now));
    }

    [Fact]
    public void PassedLane_AgainstAnotherEngineThanServes_IsMeasuredAgain()
    {
        LaneRecord row = LaneOutcome.MeasureAgain(Passed, Promotion, Serving, Some.Now.AddHours(1))!;
        Assert.Equal((LanePhase.Queued, 2, Some.Now.AddHours(1)), (row.Phase, row.Attempt, row.QueuedAt));
        Assert.Equal(Serving.Route.Stable!.Engines[Some.Cpu.Runtime].EngineDigest, row.BaselineDigest);
        Assert.NotNull(Again(Passed with { BaselineDigest = Some.Sha256("an earlier stable") }, Serving));
    }

    [Fact]
    public void LaneThatIsNotNextOnTheRoute_IsNotMeasuredAgain()
    {
        string serving = Serving.Route.Stable!.Engines[Some.Cpu.Runtime].EngineDigest;
        Assert.Null(Again(Passed with { BaselineDigest = serving }, Serving));
        Assert.Null(Again(Passed with { EngineDigest = serving }, Serving));
        Assert.Null(Again(Passed, route: null));
        Assert.Null(Again(Passed, Some.Route(Some.Version(3, "another-runtime"))));
        Assert.Null(Again(Queued, Serving));
        Assert.Null(Again(Passed with { Phase = LanePhase.Inconclusive }, Serving));
        // On the route already, pushed aside by a newer one, taken off.
        Assert.Null(Again(Passed, Some.Route(Some.Version(4))));
        Assert.Null(Again(Passed, Some.Route(Some.Version(3), Some.Version(4))));
        Assert.Null(Again(Passed, Some.Route(Some.Version(5))));
        Assert.Null(Again(Passed, Some.Route(Some.Version(3), Some.Version(5))));
        Assert.Null(Again(Passed, Serving with { Withdrawn = [new WithdrawnVersion { Version = "4", Reason = "Bad.", At = Some.Now }] }));
        Assert.Null(LaneOutcome.MeasureAgain(
            Passed,
            Promotion with { Policy = new PromotionPolicy { Benchmark = new BenchmarkLimits { Regression = null } } },
            Serving, Some.Now));
    }

    [Fact]
    public void Deadline_EndsOnlyWhatStillWaits()
    {
        var policy = new PromotionPolicy { BuildDeadline = TimeSpan.FromMinutes(90) };
        DateTimeOffset late = Some.Now.AddMinutes(90).AddTicks(1);
        Assert.Null(LaneOutcome.OnDeadline(Queued, policy, Some.Now.AddMinutes(90)));
        Assert.Null(LaneOutcome.OnDeadline(OnBuilt(Queued, Built)!, policy, late));
        LaneRecord row = LaneOutcome.OnDeadline(Queued, policy, late)!;
        Assert.Equal((LanePhase.Error, BuildFailureKind.DeadlineExceeded), (row.Phase, row.Failure!.Kind));
        Assert.Equal(
            "No worker of 'cpu-x64-avx2/ort-1.29.0-cpu' finished attempt 1 within 90m; see whether one runs, then retry.",
            row.Failure.Message);
        Assert.Null(OnBuilt(row, Built));
    }

    /// <summary>The first outcome of an attempt stands, whatever comes after it, however often and in whatever order.</summary>
    [Fact]
    public void Messages_DuplicatedAndReordered_ChangeNothing() =>
        Prop.ForAll<int[], int>((order, retryAt) =>
        {
            LaneRecord row = Queued;
            LaneRecord? settled = null;
            int step = 0;
            foreach (int number in order ?? [])
            {
                if (step++ == Math.Abs(retryAt % 5) && row.Phase != LanePhase.Queued)
                {
                    row = LaneOutcome.Retry(row, Some.Now);
                    settled = null;
                }

                int attempt = 1 + (number & 1);
                LaneRecord? after = (number & 6) switch
                {
                    0 => LaneOutcome.OnBuilt(
                        row, Built with { Attempt = attempt }, Report() with { Attempt = attempt }, Promotion, Some.Now),
                    2 => LaneOutcome.OnFailed(row, NotBuilt with { Attempt = attempt }, Some.Now),
                    4 => LaneOutcome.OnDeadline(row, Promotion.Policy, Some.Now),
                    _ => LaneOutcome.OnBuilt(
                        row, Built with { Attempt = attempt }, Report(cosine: 0) with { Attempt = attempt }, Promotion, Some.Now),
                };
                if (after is null) continue;
                if (settled is not null || attempt != row.Attempt || after.Phase == LanePhase.Queued) return false;
                row = settled = after;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static LaneRecord? Again(LaneRecord lane, RouteState? route) =>
        LaneOutcome.MeasureAgain(lane, Promotion, route, Some.Now);

    private static LaneRecord? OnBuilt(LaneRecord current, EngineBuilt message) =>
        LaneOutcome.OnBuilt(current, message, Report(), Promotion, Some.Now);

    private static BuildReport Report(double cosine = 1, int samples = 100) => new()
    {
        Model = "ocr-rec",
        Version = "4",
        AcceptanceNumber = 4,
        Lane = Some.Cpu,
        Attempt = 1,
        EngineKey = Built.EngineKey,
        EngineDigest = Built.EngineDigest,
        EngineSizeBytes = 10,
        Reused = true,
        Inputs = [],
        Outputs = [],
        Accuracy = new AccuracyEvidence
        {
            Samples = 4,
            Inputs = "seeded",
            Reference = "ort",
            Outputs =
            [
                new OutputAccuracy
                {
                    Name = "y",
                    CosineMinimum = cosine,
                    MaximumAbsoluteError = 0,
                    MaximumRelativeError = 0,
                    NanCount = 0,
                    InfinityCount = 0,
                    Top1Agreement = null,
                    ElementCount = 5,
                },
            ],
        },
        Benchmark = new BenchmarkEvidence
        {
            Threads = 1,
            Profiles =
            [
                new ProfileBenchmark
                {
                    Profile = "line",
                    Shapes = ImmutableSortedDictionary<string, ImmutableArray<long>>.Empty,
                    Samples = samples,
                    MeanMilliseconds = 1,
                    P50Milliseconds = 1,
                    P90Milliseconds = 1,
                    P99Milliseconds = 1,
                    ThroughputPerSecond = 1000,
                    CoefficientOfVariationPercent = 1,
                },
            ],
        },
        Stages = [new StageTime { Stage = "build", Seconds = 1 }],
        Worker = ImmutableSortedDictionary<string, string>.Empty,
        FinishedAt = Some.Now,
    };
}
