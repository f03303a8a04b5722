using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Builds;
using Pipeline.Core.Fleet;
using Pipeline.Core.Gates;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Rollouts;
using Pipeline.Core.Routing;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Tests;

/// <summary>Plain values for tests, each valid, so that a test says only what it is about.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    public static readonly Lane Cpu = Lane.Parse("cpu-x64-avx2/ort-1.29.0-cpu");
    public static readonly Lane Cuda = Lane.Parse("sm_75/ort-1.29.0-cuda");
    public static readonly Lane TensorRt = Lane.Parse("sm_75/trt-11.1.0.106");

    /// <summary>The step of every rollout here.</summary>
    public const long StepRevision = 7;

    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static SourceFile File(string path, string content = "bytes") => new()
    {
        Path = path,
        ETag = $"\"{content}\"",
        SizeBytes = content.Length,
        Sha256 = Sha256(content),
    };

    public static Promotion Promotion(params Lane[] lanes) => new()
    {
        Model = "ocr-rec",
        Version = "4",
        AcceptanceNumber = 4,
        UploadedAt = Now,
        AcceptedAt = Now,
        Source = File("ocr-rec/4/model.onnx"),
        Policy = new PromotionPolicy { ApprovalRequired = false },
        Lanes = [.. lanes],
        State = PromotionState.Accepted,
        StateReason = "Accepted.",
        StateSince = Now,
    };

    public static LaneRecord Row(Lane lane, LanePhase phase) => new()
    {
        Lane = lane,
        Phase = phase,
        Attempt = 1,
        QueuedAt = Now,
        FinishedAt = phase == LanePhase.Queued ? null : Now,
        Decisions = phase switch
        {
            LanePhase.Failed => [Decision(Verdict.Failed, "Output 'y': cosine similarity 0.9 is below the limit of 0.99.")],
            LanePhase.Inconclusive => [Decision(Verdict.Inconclusive, "No sample was compared.")],
            _ => [],
        },
        Failure = phase == LanePhase.Error
            ? new LaneFailure { Kind = BuildFailureKind.UnsupportedOperator, Message = "The backend lacks operator 'Foo'." }
            : null,
    };

    public static RoutedEngine Engine(string content) => new()
    {
        EngineKey = Sha256("key of " + content),
        EngineDigest = Sha256(content),
        SizeBytes = 10,
        Statement = new SignedEnvelope { PayloadType = "t", Payload = "", Signatures = [] },
    };

    /// <summary>A version named by its number, with engines of its own for these runtimes.</summary>
    public static RoutedVersion Version(int number, params string[] runtimes) =>
        Version(number, $"engine of {number}", runtimes);

    public static RoutedVersion Version(int number, string engine, string[] runtimes) => new()
    {
        Version = $"{number}",
        AcceptanceNumber = number,
        Engines = (runtimes.Length == 0 ? [Cpu.Runtime] : runtimes)
            .ToImmutableSortedDictionary(r => r, r => Engine(engine + r), StringComparer.Ordinal),
    };

    public static RouteState Route(RoutedVersion? stable, RoutedVersion? candidate = null, RolloutPolicy? policy = null) =>
        new()
        {
            Route = new Route
            {
                Model = "ocr-rec",
                Target = Cpu.Target,
                Stable = stable,
                Candidate = candidate,
                CandidateWeight = candidate is null ? 0 : (policy ?? Steps()).Steps[0].Weight,
                StepRevision = candidate is null ? 0 : StepRevision,
            },
            Rollout = candidate is null
                ? null
                : new RolloutState { Policy = policy ?? Steps(), Step = 0, StepStartedAt = Now },
        };

    public static RolloutPolicy Steps(params double[] percents) => new()
    {
        Steps =
        [
            .. (percents.Length == 0 ? [10, 50] : percents).Select(p => new RolloutStep
            {
                WeightPercent = p,
                BakeTime = TimeSpan.FromSeconds(30),
                MinimumSamples = 20,
            }),
        ],
    };

    /// <summary>An edge that started with the step and counted this since then; every successful request took about 3 ms.</summary>
    public static FleetMember Edge(
        string edge, params (int Version, long Requests, long Errors)[] counts) => new()
        {
            ReportedAt = Now.AddSeconds(5),
            Report = new FleetReport
            {
                Edge = edge,
                Target = Cpu.Target,
                Runtime = Cpu.Runtime,
                StartId = "start-1",
                Revision = 7,
                Counters = [.. counts.Select(c => Counters(c.Version, c.Requests, c.Errors, milliseconds: 3))],
                Steps = [new StepBaseline { Model = "ocr-rec", Revision = StepRevision }],
            },
        };

    /// <summary>The edge, where the step began when it reported as before.</summary>
    public static FleetMember Since(this FleetMember edge, FleetMember before, long stepRevision = StepRevision) => edge with
    {
        Report = edge.Report with
        {
            Steps = [new StepBaseline { Model = "ocr-rec", Revision = stepRevision, Counters = before.Report.Counters }],
        },
    };

    public static VersionCounters Counters(int version, long requests, long errors, double milliseconds)
    {
        long[] latency = new long[LatencyHistogram.BucketCount];
        latency[LatencyHistogram.BucketOf(milliseconds)] = requests - errors;
        return new VersionCounters
        {
            Model = "ocr-rec",
            Version = $"{version}",
            Requests = requests,
            Errors = errors,
            Latency = [.. latency],
        };
    }

    private static GateDecision Decision(Verdict verdict, string reason) =>
        new() { Gate = AccuracyGate.Name, Verdict = verdict, Reasons = [reason] };
}
