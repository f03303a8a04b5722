using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Fleet;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Gates;
using Pipeline.Local.ServiceBus;
using Pipeline.Testing;
using Clock = Pipeline.Testing.TestTimeProvider;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>The classes behind the functions, over real storage and messages, with a lane of their own and a clock to move.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>
    /// What reconciles looks at every version that the tables hold, those of other tests too: one test at a time.
    /// </summary>
    public const string Collection = "Decisions";

    private const string EventsSeen = "seen";

    private readonly TemporaryFolder folder = new();
    private readonly ServiceBusEmulator emulator;
    private readonly CloudFixture cloud;
    private ServiceProvider services;

    private Bench(CloudFixture cloud, Lane lane, Lane other, TemporaryFolder folder, ServiceBusEmulator emulator)
    {
        (Lane, Other, Model, this.folder, this.emulator) = (lane, other, cloud.NewName("model"), folder, emulator);
        this.cloud = cloud;
        services = Deploy(lane, other);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Clock Clock { get; } = new();

    public Lane Lane { get; }

    /// <summary>Deployed as well, and no version here is built for it by itself.</summary>
    public Lane Other { get; }

    public string Model { get; }

    public PromotionStore Promotions => Get<PromotionStore>();

    public static async Task<Bench> StartAsync(CloudFixture cloud)
    {
        var lane = new Lane(cloud.NewTarget(), "ort-1.29.0-cpu");
        var other = new Lane(cloud.NewTarget(), "ort-1.29.0-cpu");
        var folder = new TemporaryFolder();
        var options = new ServiceBusEmulatorOptions
        {
            DataDirectory = folder.PathOf("bus"),
            Queues =
            [
                new QueueConfig { Name = EntityNames.BuildQueue(lane) }, new QueueConfig { Name = EntityNames.BuildQueue(other) },
            ],
            Topics =
            [
                new TopicConfig
                {
                    Name = EntityNames.EventsTopic,
                    Subscriptions = [new SubscriptionConfig { Name = EventsSeen }],
                },
            ],
        };
        return new Bench(cloud, lane, other, folder, await ServiceBusEmulator.StartAsync(options, Cancel));
    }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public ModelVersion Id(int number) => new(Model, $"{number}");

    /// <summary>An accepted version whose one lane is in this phase; stored as Building, as a crash would leave it.</summary>
    /// <param name="compared">Whether its policy compares it with what serves.</param>
    public async Task<Promotion> HaveAsync(int number, LanePhase phase, bool approval = false, bool compared = false)
    {
        var promotion = new Promotion
        {
            Model = Model,
            Version = $"{number}",
            AcceptanceNumber = number,
            UploadedAt = Clock.GetUtcNow(),
            AcceptedAt = Clock.GetUtcNow(),
            Source = new SourceFile { Path = UploadOf(number), ETag = "\"0x1\"", SizeBytes = 1, Sha256 = Digest($"{number}") },
            Policy = new PromotionPolicy
            {
                ApprovalRequired = approval,
                Benchmark = new BenchmarkLimits { Regression = compared ? new() : null },
            },
            Lanes = [Lane],
            State = PromotionState.Building,
            StateReason = "It is built.",
            StateSince = Clock.GetUtcNow(),
        };
        Assert.True(await Promotions.CreateAsync(promotion, Cancel));
        LaneRecord row = new() { Lane = Lane, Phase = LanePhase.Queued, Attempt = 1, QueuedAt = Clock.GetUtcNow() };
        if (phase != LanePhase.Passed) row = row with { Phase = phase };
        Assert.True(await Get<LaneStore>().CreateAsync(promotion.Id, row, Cancel));
        if (phase == LanePhase.Passed) await BuildAsync(number);
        return (await ReadAsync(number)).Value;
    }

    public string UploadOf(int number) => $"{Model}/{number}/model.onnx";

    public async Task<Stored<Promotion>> ReadAsync(int number) => (await Promotions.ReadAsync(Id(number), Cancel))!;

    public async Task<PromotionState> StateAsync(int number) => (await ReadAsync(number)).Value.State;

    public async Task<RouteState> RouteAsync(Lane? on = null) =>
        (await Get<RouteStore>().ReadTargetAsync((on ?? Lane).Target, Cancel)).Find(Model)!;

    public async Task<LaneRecord> LaneAsync(int number, Lane lane) =>
        (await Get<LaneStore>().ReadAsync(Id(number), lane, Cancel))!.Value;

    /// <summary>An edge of a lane reports that it is there.</summary>
    public Task ReportAsync(Lane lane, string? driver = null) => Get<FleetStore>().ReportAsync(
        new FleetReport
        {
            Edge = $"edge-{lane.Runtime}",
            Target = lane.Target,
            Runtime = lane.Runtime,
            Driver = driver,
            StartId = "start",
            Revision = 0,
        },
        Cancel);

    public async Task<LaneRecord> LaneAsync(int number) => (await Get<LaneStore>().ReadAsync(Id(number), Lane, Cancel))!.Value;

    /// <summary>A worker reports a good engine; twice is a redelivery.</summary>
    /// <param name="against">The version it was found to be as fast as; null: it was compared with none.</param>
    public async Task BuildAsync(int number, Lane? on = null, int attempt = 1, int? against = null)
    {
        Lane lane = on ?? Lane;
        BuildReport report = ReportOf(number) with
        {
            Lane = lane,
            Attempt = attempt,
            Paired = against is { } v ? AsFastAs(v) : null,
        };
        string sha256 = await Get<ReportStore>().WriteAsync(report, Cancel);
        Assert.Null(await Get<LaneOutcomes>().OnBuiltAsync(
            new EngineBuilt
            {
                Schema = EngineBuilt.CurrentSchema,
                Model = Model,
                Version = report.Version,
                AcceptanceNumber = number,
                Lane = lane,
                Attempt = attempt,
                EngineKey = report.EngineKey,
                EngineDigest = report.EngineDigest,
                ReportSha256 = sha256,
            },
            Cancel));
    }

    /// <summary>What lies on the lane's build queue, in order.</summary>
    public async Task<ImmutableArray<BuildRequest>> RequestsAsync()
    {
        await using ServiceBusReceiver receiver = Get<CloudClients>().ServiceBus.CreateReceiver(EntityNames.BuildQueue(Lane));
        IReadOnlyList<ServiceBusReceivedMessage> messages = await receiver.PeekMessagesAsync(100, 0, Cancel);
        return [.. messages.Select(m => BuildRequestReader.TryRead(m.Body, out _)!)];
    }

    public static string EngineOf(int number) => Digest($"engine {number}");

    /// <summary>What was announced on the topic so far about the model, or something else, in order.</summary>
    public async Task<ImmutableArray<string>> EventsAsync(string type, string? about = null)
    {
        await using ServiceBusReceiver receiver = Get<CloudClients>().ServiceBus.CreateReceiver(
            EntityNames.EventsTopic, EventsSeen);
        IReadOnlyList<ServiceBusReceivedMessage> messages = await receiver.PeekMessagesAsync(100, 0, Cancel);
        return [.. messages
            .Where(m => m.Subject == type && m.Body.ToString().Contains(about ?? Model, StringComparison.Ordinal)).Select(m => m.MessageId)];
    }

    /// <summary>Starts anew where only these lanes are deployed.</summary>
    public async Task RedeployAsync(params Lane[] lanes)
    {
        await services.DisposeAsync();
        services = Deploy(lanes);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await emulator.DisposeAsync();
        folder.Dispose();
    }

    private ServiceProvider Deploy(params Lane[] lanes)
    {
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Pipeline:Storage"] = cloud.Azurite.ConnectionString,
            ["Pipeline:ServiceBus"] = emulator.ConnectionString,
            ["Pipeline:Lanes"] = string.Join(';', lanes),
            ["Pipeline:Signing:KeyFile"] = folder.PathOf("key.pem"),
        }).Build();
        return new ServiceCollection().AddLogging().AddSingleton(settings).AddPromotions(settings).AddSingleton<TimeProvider>(Clock).BuildServiceProvider();
    }

    private static PairedEvidence AsFastAs(int number) => PairedEvidence.NotMeasured(EngineOf(number), $"{number}") with
    {
        Profiles =
        [
            new PairedProfile
            {
                Profile = "default",
                Rounds = 16,
                SamplesPerSide = 320,
                P50 = new RatioInterval(1, 0.99, 1.01),
                P99 = new RatioInterval(1, 0.9, 1.1),
                Throughput = new RatioInterval(1, 0.99, 1.01),
            },
        ],
    };

    private BuildReport ReportOf(int number) => new()
    {
        Model = Model,
        Version = $"{number}",
        AcceptanceNumber = number,
        Lane = Lane,
        Attempt = 1,
        EngineKey = Digest($"key {number}"),
        EngineDigest = EngineOf(number),
        EngineSizeBytes = 3,
        Reused = false,
        Inputs = [],
        Outputs = [],
        Accuracy = new AccuracyEvidence
        {
            Samples = 1,
            Inputs = "seeded",
            Reference = "itself",
            Outputs =
            [
                new OutputAccuracy
                {
                    Name = "y",
                    CosineMinimum = 1,
                    MaximumAbsoluteError = 0,
                    MaximumRelativeError = 0,
                    NanCount = 0,
                    InfinityCount = 0,
                    ElementCount = 4,
                    ReferenceMaximum = 1,
                },
            ],
        },
        Benchmark = new BenchmarkEvidence
        {
            Threads = 1,
            DeviceMemoryBytes = 310_000_000,
            Profiles =
            [
                new ProfileBenchmark
                {
                    Profile = "default",
                    Shapes = ImmutableSortedDictionary<string, ImmutableArray<long>>.Empty,
                    Samples = 100, ThroughputPerSecond = 1000,
                    MeanMilliseconds = 1, P50Milliseconds = 1, P90Milliseconds = 1, P99Milliseconds = 1,
                    CoefficientOfVariationPercent = 1,
                },
            ],
        },
        Stages = [],
        Worker = ImmutableSortedDictionary<string, string>.Empty,
        Log = [],
        FinishedAt = Clock.GetUtcNow(),
    };

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
