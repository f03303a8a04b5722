using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Fleet;
using Pipeline.Core.Gates;
using Pipeline.Core.Management;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Tests.Json;

/// <summary>One value of every record that is stored or sent, with every member set to something that can be told apart.</summary>
internal static class FrozenShapes
{
    private static readonly SourceFile Source = Some.File("ocr-rec/4/model.onnx");

    private static readonly PromotionPolicy Policy = new()
    {
        Lanes = [Some.Cpu],
        Targets = ["sm_75"],
        Profiles =
        [
            new ShapeProfile
            {
                Name = "line",
                Inputs = Map(
                    ("x", new ShapeRange { Minimum = [1, 3, 48, 32], Typical = [1, 3, 48, 320], Maximum = [4, 3, 48, 1280] })),
            },
        ],
        Accuracy = new AccuracyLimits { AbsoluteErrorMaximum = 0.05, RelativeErrorMaximum = 0.5, Top1AgreementMinimum = 0.99 },
        Benchmark = new BenchmarkLimits
        {
            P50MillisecondsMaximum = 50,
            P90MillisecondsMaximum = 60,
            P99MillisecondsMaximum = 80,
            ThroughputPerSecondMinimum = 10,
        },
        Quorum = 2,
        QuorumTargets = ["sm_75"],
        QuorumFleetShare = 0.8,
        Rollout = Some.Steps(10, 12.5) with
        {
            Shadow = new ShadowPolicy { SharePercent = 5, AbsoluteErrorMaximum = 0.1, Top1 = true },
        },
        Batching = new BatchingPolicy
        {
            ItemsMaximum = 16,
            Wait = TimeSpan.FromMilliseconds(2),
            Padding = [new PaddedAxis { Input = "x", Axis = 3, Multiple = 32, Value = -1 }],
        },
    };

    private static readonly PhaseTime Phase = new()
    {
        MeanMilliseconds = 1.5,
        P50Milliseconds = 1,
        P95Milliseconds = 2,
        P99Milliseconds = 3,
        CoefficientOfVariationPercent = 4,
    };

    private static readonly OutputAccuracy Output = new()
    {
        Name = "y",
        CosineMinimum = 0.9999,
        MaximumAbsoluteError = 0.01,
        MaximumRelativeError = double.PositiveInfinity,
        NanCount = 1,
        InfinityCount = 2,
        Top1Agreement = 0.75,
        ReferenceMaximum = 12.5,
        ElementCount = 100,
    };

    private static readonly SignedEnvelope Envelope = new()
    {
        PayloadType = SignedEnvelope.EngineStatementType,
        Payload = "e30=",
        Signatures = [new EnvelopeSignature { KeyId = "dev", Signature = "c2ln" }],
    };

    private static readonly RoutedVersion Version = new()
    {
        Version = "4",
        AcceptanceNumber = 7,
        Engines = Map((Some.Cpu.Runtime, Some.Engine("engine") with { DeviceMemoryBytes = 310_000_000, Statement = Envelope })),
        Profiles = Policy.Profiles,
        Batching = Policy.Batching,
    };

    private static readonly VersionCounters Counters = new()
    {
        Model = "ocr-rec",
        Version = "4",
        Requests = 12,
        Errors = 2,
        Latency = [0, 10],
        Shadow = new ShadowCounters { Compared = 5, Diverged = 2, Errors = 1, Skipped = 3 },
    };

    private static readonly RolloutEvidence Evidence = new()
    {
        Action = RolloutAction.Advance,
        Reason = "10 % held.",
        At = Some.Now,
        Stable = new SideEvidence { Requests = 100, Errors = 1, P50Milliseconds = 2, P99Milliseconds = 4 },
        Candidate = new SideEvidence
        {
            Requests = 10,
            Errors = 1,
            P50Milliseconds = 2,
            P99Milliseconds = 4,
            ShadowCompared = 5,
            ShadowDiverged = 1,
        },
    };

    private static readonly RouteState State = new()
    {
        Route = new Route
        {
            Model = "ocr-rec",
            Target = Some.Cpu.Target,
            Stable = Version,
            Candidate = Version with { Version = "5" },
            CandidateWeight = 1250,
            StepRevision = 11,
            Shadow = Policy.Rollout.Shadow,
        },
        Previous = Version with { Version = "3" },
        Rollout = new RolloutState
        {
            Policy = Policy.Rollout,
            Step = 1,
            StepStartedAt = Some.Now,
            Baseline = [new CounterBaseline { Edge = "edge-1", StartId = "start-1", Counters = Counters }],
            Evidence = Evidence,
            PausedBecause = "ada looks into it.",
        },
        Withdrawn = [new WithdrawnVersion { Version = "2", Reason = "Too many errors.", At = Some.Now }],
        HighestAcceptanceNumber = 9,
        Pin = new RoutePin { Who = "ada", Why = "Until the audit.", At = Some.Now },
    };

    private static readonly LaneRecord Row = new()
    {
        Lane = Some.Cpu,
        Phase = LanePhase.Inconclusive,
        Attempt = 2,
        QueuedAt = Some.Now,
        FinishedAt = Some.Now.AddSeconds(1.5),
        EngineKey = Some.Sha256("key"),
        EngineDigest = Some.Sha256("engine"),
        EngineSizeBytes = 10,
        DeviceMemoryBytes = 310_000_000,
        ReportSha256 = Some.Sha256("report"),
        Reused = true,
        BaselineDigest = Some.Sha256("stable"),
        Driver = "580.65.06",
        EdgeDrivers = ["575.51.03"],
        Decisions = [new GateDecision { Gate = "accuracy", Verdict = Verdict.Passed, Reasons = ["Every limit holds."] }],
        Stages = [new StageTime { Stage = "build", Seconds = 1.5 }],
        Statement = Envelope,
        Failure = new LaneFailure { Kind = BuildFailureKind.UnsupportedOperator, Message = "No operator 'Foo'." },
    };

    private static readonly Promotion Whole = new()
    {
        Model = "ocr-rec",
        Version = "4",
        AcceptanceNumber = 7,
        UploadedAt = Some.Now,
        AcceptedAt = Some.Now,
        Source = Source,
        ExternalData = [Source with { Path = "ocr-rec/4/weights.data" }],
        Golden = [Source with { Path = "ocr-rec/4/golden/a.npz" }],
        PolicyFile = Source with { Path = "ocr-rec/4/promotion.json" },
        Policy = Policy,
        Lanes = [Some.Cpu],
        JoinedLanes = [Some.Cpu],
        State = PromotionState.Held,
        StateReason = "It waits for approval.",
        StateSince = Some.Now,
        Hold = new PromotionHold { Reason = "It waits for approval.", Since = Some.Now, Deadline = Some.Now.AddDays(7) },
        Approval = new PromotionApproval { Who = "ada", Why = "Looks good.", At = Some.Now },
        End = new PromotionEnd { State = PromotionState.Retired, Reason = "Old.", Who = "ada", At = Some.Now },
        Notices = [new PromotionNotice { At = Some.Now, Text = "A later policy was ignored." }],
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        RefusedETag = "\"0x8D2\"",
    };

    private static readonly FleetReport Report = new()
    {
        Edge = "edge-1",
        Target = Some.Cpu.Target,
        Runtime = Some.Cpu.Runtime,
        WiderTargets = ["cpu-x64"],
        Driver = "580.65.06",
        StartId = "start-1",
        Revision = 5,
        SnapshotFault = "No signature of a trusted key fits the envelope.",
        Engines =
        [
            new EdgeEngine
            {
                Model = "ocr-rec",
                Version = "4",
                EngineDigest = Some.Sha256("engine"),
                Status = EdgeEngineStatus.Failed,
                Reason = "The digest does not match.",
            },
        ],
        Counters = [Counters],
        Steps = [new StepBaseline { Model = "ocr-rec", Revision = 4, Counters = [Counters] }],
    };

    private static readonly LaneProgress Progress = new()
    {
        Attempt = 2,
        Stage = "build",
        Fraction = 0.5,
        Worker = "worker-1",
        StartedAt = Some.Now,
        UpdatedAt = Some.Now,
    };

    private static readonly FleetMember Member = new() { Report = Report, ReportedAt = Some.Now };

    private static readonly RouteHistoryEntry Entry = new()
    {
        Revision = 5,
        At = Some.Now,
        Who = "ada",
        Why = "Too many errors.",
        Before = State.Route,
        After = State.Route with { CandidateWeight = 5000 },
        Evidence = Evidence,
    };

    public static IReadOnlyList<object> All { get; } =
    [
        new BuildRequest
        {
            Schema = BuildRequest.CurrentSchema,
            Model = "ocr-rec",
            Version = "4",
            AcceptanceNumber = 7,
            Lane = Some.Cpu,
            Attempt = 2,
            Source = Source,
            ExternalData = Whole.ExternalData,
            Golden = Whole.Golden,
            Policy = Policy,
            Baseline = new BaselineEngine
            {
                Version = "3",
                EngineKey = Some.Sha256("key-3"),
                EngineDigest = Some.Sha256("stable"),
                SizeBytes = 9,
            },
        },
        new BuildReport
        {
            Model = "ocr-rec",
            Version = "4",
            AcceptanceNumber = 7,
            Lane = Some.Cpu,
            Attempt = 2,
            EngineKey = Some.Sha256("key"),
            EngineDigest = Some.Sha256("engine"),
            EngineSizeBytes = 10,
            Reused = true,
            Inputs = [new TensorDescription { Name = "x", DataType = "FP32", Shape = [-1, 3, 48, -1] }],
            Outputs = [new TensorDescription { Name = "y", DataType = "FP32", Shape = [-1, 40, 6625] }],
            Accuracy = new AccuracyEvidence
            {
                Samples = 4,
                Inputs = "golden",
                Reference = "ort-1.29.0-cpu, graph optimizations off",
                Outputs = [Output],
                ExpectedOutputs = [Output],
            },
            Benchmark = new BenchmarkEvidence
            {
                Threads = 2, DeviceMemoryBytes = 310_000_000, Method = BenchmarkMethods.CudaEvents,
                Profiles =
                [
                    new ProfileBenchmark
                    {
                        Profile = "line",
                        Shapes = Map(("x", ImmutableArray.Create(1L, 3, 48, 320))),
                        Samples = 100,
                        MeanMilliseconds = 9.5,
                        P50Milliseconds = 9,
                        P90Milliseconds = 10,
                        P95Milliseconds = 11,
                        P99Milliseconds = 12.25,
                        ThroughputPerSecond = 105,
                        CoefficientOfVariationPercent = 3,
                        Phases = new DevicePhases { CopyToDevice = Phase, Compute = Phase, CopyToHost = Phase, Enqueue = Phase },
                        Clocks = new DeviceClocks
                        {
                            SmMegahertz = 1755, SmMaximumMegahertz = 1980, MemoryMegahertz = 2619, MemoryMaximumMegahertz = 2619,
                        },
                        Warnings = ["Unstable."],
                    },
                ],
            },
            Paired = new PairedEvidence
            {
                BaselineDigest = Some.Sha256("stable"),
                BaselineVersion = "3",
                Confidence = 0.99,
                Seconds = 12.5,
                Fault = BaselineFault.DoesNotRun,
                FaultMessage = "It takes other inputs.",
                Profiles =
                [
                    new PairedProfile
                    {
                        Profile = "line",
                        Rounds = 20,
                        SamplesPerSide = 400,
                        P50 = new RatioInterval(1.01, 1.005, 1.02),
                        P99 = new RatioInterval(1.1, 0.9, 1.3),
                        Throughput = new RatioInterval(0.99, 0.98, 1),
                    },
                ],
            },
            Stages = Row.Stages,
            Worker = Map(("host", "worker-1")),
            Log = ["built"],
            FinishedAt = Some.Now,
        },
        new EngineManifest
        {
            EngineKey = Some.Sha256("key"),
            EngineDigest = Some.Sha256("engine"),
            SizeBytes = 10,
            Lane = Some.Cpu,
            BuiltBy = "worker-1",
            BuiltAt = Some.Now,
            BuildSeconds = 1.5,
        },
        Progress,
        new EngineBuilt
        {
            Schema = EngineBuilt.CurrentSchema,
            Model = "ocr-rec",
            Version = "4",
            AcceptanceNumber = 7,
            Lane = Some.Cpu,
            Attempt = 2,
            EngineKey = Some.Sha256("key"),
            EngineDigest = Some.Sha256("engine"),
            ReportSha256 = Some.Sha256("report"),
        },
        new EngineFailed
        {
            Schema = EngineFailed.CurrentSchema,
            Model = "ocr-rec",
            Version = "4",
            AcceptanceNumber = 7,
            Lane = Some.Cpu,
            Attempt = 2,
            Kind = BuildFailureKind.GoldenMismatch,
            Message = "The golden file has no input 'x'.",
        },
        new PipelineNotice
        {
            Model = "ocr-rec",
            Version = "4",
            Target = Some.Cpu.Target,
            Lane = Some.Cpu.ToString(),
            Revision = 5,
            Reason = "Too many errors.",
        },
        Report,
        Policy,
        Whole,
        Row,
        State,
        Entry,
        new RouteSnapshot
        {
            Schema = RouteSnapshot.CurrentSchema,
            Target = Some.Cpu.Target,
            Revision = 5,
            Routes = [State.Route],
            PollInterval = TimeSpan.FromSeconds(2),
            Replicas = 3,
        },
        new EngineStatement
        {
            Model = "ocr-rec",
            Version = "4",
            Lane = Some.Cpu,
            EngineDigest = Some.Sha256("engine"),
            EvidenceDigest = Some.Sha256("report"),
        },
        Envelope,
        new CommandRequest { Reason = "Too many errors.", Target = Some.Cpu.Target, Version = "4" },
        new CommandResult { Done = ["Rolled back."], Refused = ["There is nothing to go back to."] },
        new FleetList { Edges = [Member], Notices = ["No worker is deployed."] },
        new HistoryList { Entries = [Entry] },
        new PromotionList { Promotions = [Whole] },
        new PromotionView
        {
            Promotion = Whole,
            Lanes = [new LaneView { Record = Row, State = PromotionState.Building, Progress = Progress }],
            Routes = [State],
        },
        new RouteList { Targets = [new TargetRoutes { Target = Some.Cpu.Target, Revision = 5, Routes = [State] }] },
    ];

    private static ImmutableSortedDictionary<string, T> Map<T>(params (string Key, T Value)[] pairs) =>
        pairs.ToImmutableSortedDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
}
