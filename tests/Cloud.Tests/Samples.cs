using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Cloud.Tests;

/// <summary>Plausible values of the stored and sent shapes.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    public static readonly Lane Lane = new("cpu-x64-avx2", "ort-1.29.0-cpu");

    public static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static SourceFile File(string path) =>
        new() { Path = path, ETag = "0x1", SizeBytes = 3, Sha256 = Digest(path) };

    public static Promotion Promotion(ModelVersion id, long? number) => new()
    {
        Model = id.Model,
        Version = id.Version,
        AcceptanceNumber = number,
        UploadedAt = Now,
        Source = File($"{id}/model.onnx"),
        Lanes = [Lane],
        State = number is null ? PromotionState.Rejected : PromotionState.Accepted,
        StateReason = "It was uploaded.",
        StateSince = Now,
    };

    public static LaneRecord LaneRecord(Lane lane) =>
        new() { Lane = lane, Phase = LanePhase.Queued, Attempt = 1, QueuedAt = Now };

    public static SnapshotPublisher Publisher(
        CloudClients clients, SnapshotOptions? options = null, TimeProvider? time = null) => new(
            clients, new RouteStore(clients), new FleetStore(clients), Options.Create(options ?? new SnapshotOptions()),
            time ?? TimeProvider.System);

    public static RouteState Route(string model, string target, string version) => new()
    {
        Route = new Route
        {
            Model = model,
            Target = target,
            Stable = new RoutedVersion
            {
                Version = version,
                AcceptanceNumber = 1,
                Engines = ImmutableSortedDictionary<string, RoutedEngine>.Empty,
            },
        },
    };

    public static RouteChange Change(long expected, RouteState? before, RouteState after) => new()
    {
        ExpectedRevision = expected,
        Before = before,
        After = after,
        EventType = EventTypes.RouteChanged,
        Who = "local",
        Why = "The gates passed.",
    };

    public static BuildRequest Request(ModelVersion id) => new()
    {
        Schema = BuildRequest.CurrentSchema,
        Model = id.Model,
        Version = id.Version,
        AcceptanceNumber = 1,
        Lane = Lane,
        Attempt = 1,
        Source = File($"{id}/model.onnx"),
        Golden = [File($"{id}/golden/a.npz")],
        Policy = new PromotionPolicy(),
        Baseline = new BaselineEngine
        {
            Version = "0",
            EngineKey = new string('a', 64),
            EngineDigest = new string('b', 64),
            SizeBytes = 3,
        },
    };

    public static EngineManifest Manifest(string key, string digest, string worker) => new()
    {
        EngineKey = key,
        EngineDigest = digest,
        SizeBytes = 3,
        Lane = Lane,
        BuiltBy = worker,
        BuiltAt = Now,
        BuildSeconds = 1.5,
    };

    public static BuildReport Report(ModelVersion id, params string[] log) => new()
    {
        Model = id.Model,
        Version = id.Version,
        AcceptanceNumber = 1,
        Lane = Lane,
        Attempt = 1,
        EngineKey = Digest("key"),
        EngineDigest = Digest("engine"),
        EngineSizeBytes = 3,
        Reused = false,
        Inputs = [],
        Outputs = [],
        Accuracy = new AccuracyEvidence { Samples = 4, Inputs = "seeded", Reference = "itself", Outputs = [] },
        Benchmark = new BenchmarkEvidence { Profiles = [], Threads = 2 },
        Stages = [],
        Worker = ImmutableSortedDictionary<string, string>.Empty,
        Log = [.. log],
        FinishedAt = Now,
    };

    public static EngineBuilt Built(ModelVersion id) => new()
    {
        Schema = EngineBuilt.CurrentSchema,
        Model = id.Model,
        Version = id.Version,
        AcceptanceNumber = 1,
        Lane = Lane,
        Attempt = 1,
        EngineKey = Digest("key"),
        EngineDigest = Digest("engine"),
        ReportSha256 = Digest("report"),
    };
}
