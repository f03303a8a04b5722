using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Naming;
using Pipeline.Engines.Simulation;
using Pipeline.Local.Processes;

namespace Pipeline.Local.Environments;

/// <summary>Which processes an environment has, with their ports and settings.</summary>
internal sealed class EnvironmentPlan
{
    // The account and key that Microsoft documents for every storage emulator.
    private const string Account = "devstoreaccount1";
    private const string AccountKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly LocalEnvironmentOptions options;
    private readonly int blobPort = FreePorts.Take();
    private readonly int storageQueuePort = FreePorts.Take();
    private readonly int tablePort = FreePorts.Take();
    private readonly int amqpPort = FreePorts.Take();
    private readonly int busHttpPort = FreePorts.Take();
    private readonly int functionsPort = FreePorts.Take();
    private readonly ImmutableArray<Lane> lanes;
    private readonly ImmutableArray<Uri> edges;

    /// <param name="lanes">Those of real hardware; at least one.</param>
    public EnvironmentPlan(LocalEnvironmentOptions options, ImmutableArray<Lane> lanes, DevelopmentKeyFiles keys)
    {
        this.options = options;
        this.lanes = lanes;
        Keys = keys;
        edges = [.. Enumerable.Range(0, options.Edges).Select(_ => FreeAddress())];
        SimulatedGpus =
        [
            .. options.SimulatedGpus.Select(target => new SimulatedGpu
            {
                Lane = SimulatedTargets.LaneOf(target),
                Worker = $"worker-simulated-{target}",
                Edge = $"edge-simulated-{target}",
                EdgeAddress = FreeAddress(),
            }),
        ];
    }

    public ImmutableArray<SimulatedGpu> SimulatedGpus { get; }

    public ImmutableArray<Lane> Lanes => [.. lanes, .. SimulatedGpus.Select(g => g.Lane)];

    public DevelopmentKeyFiles Keys { get; }

    public string Storage =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};" +
        $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Account};" +
        $"QueueEndpoint=http://127.0.0.1:{storageQueuePort}/{Account};" +
        $"TableEndpoint=http://127.0.0.1:{tablePort}/{Account};";

    public string ServiceBus =>
        $"Endpoint=sb://127.0.0.1:{amqpPort};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=local;" +
        "UseDevelopmentEmulator=true;";

    public Uri Functions => new($"http://127.0.0.1:{functionsPort}/");

    public ImmutableArray<Uri> Edges => [.. edges, .. SimulatedGpus.Select(g => g.EdgeAddress)];

    /// <summary>Storage and Service Bus: what everything else talks to.</summary>
    public IEnumerable<ChildSpec> Foundation() => [Azurite(), Bus()];

    /// <summary>The programs of the pipeline itself.</summary>
    public IEnumerable<ChildSpec> Programs() =>
    [
        FunctionsApp(),
        Bridge(),
        .. Enumerable.Range(0, options.Workers).Select(i => Worker($"worker-{i + 1}", lanes[i % lanes.Length])),
        .. edges.Select((address, i) => Edge($"edge-{i + 1}", address)),
        .. SimulatedGpus.Select(g => Worker(g.Worker, g.Lane, Double(g))),
        .. SimulatedGpus.Select(g => Edge(
            g.Edge, g.EdgeAddress, Double(g), ("Edge__Target", g.Lane.Target), ("Edge__Runtime", g.Lane.Runtime))),
    ];

    private ChildSpec Azurite() => Child("azurite", "azurite") with
    {
        FileName = "node",
        Arguments =
        [
            RepositoryLayout.Azurite, "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            "--location", DataPath("azurite"),
            "--blobPort", Text(blobPort), "--queuePort", Text(storageQueuePort), "--tablePort", Text(tablePort),
        ],
        Readiness = new ReadyPorts(blobPort, tablePort),
    };

    private ChildSpec Bus() => Child("servicebus", "servicebus") with
    {
        FileName = RepositoryLayout.Program("Local"),
        Arguments =
        [
            "servicebus", "--folder", DataPath("servicebus"),
            "--amqp-port", Text(amqpPort), "--http-port", Text(busHttpPort),
            "--lock", options.LockDuration.ToString("c", CultureInfo.InvariantCulture),
            "--duplicates", options.DuplicateWindow.ToString("c", CultureInfo.InvariantCulture),
            .. Lanes.SelectMany(lane => new[] { "--lane", lane.ToString() }),
        ],
        Readiness = new ReadyUrl(new Uri($"http://127.0.0.1:{busHttpPort}/health")),
    };

    private ChildSpec FunctionsApp() => Child("functions", "functions",
        ("Pipeline__Lanes", string.Join(';', Lanes)),
        ("Pipeline__Signing__KeyFile", Keys.SigningKey),
        ("ServiceBus", ServiceBus),
        ("FUNCTIONS_HTTP_PORT", Text(functionsPort)),
        ("RolloutTickSchedule", "*/1 * * * * *"),
        ("ReconcileTickSchedule", "*/5 * * * * *")) with
    {
        FileName = RepositoryLayout.FunctionsProgram(),
        Readiness = new ReadyUrl(new Uri(Functions, "api/health")),
    };

    private ChildSpec Bridge() => Child("bridge", "bridge") with
    {
        FileName = RepositoryLayout.Program("Local"),
        Arguments = ["bridge", "--cursor", DataPath("bridge.json")],
        Readiness = new ReadyLine("bridge ready"),
    };

    private ChildSpec Worker(string name, Lane lane, params ReadOnlySpan<(string Name, string Value)> more) => Child(name, "worker",
        [
            ("Worker__Lane", lane.ToString()),
            ("Worker__Name", name),
            ("Worker__WorkDirectory", DataPath(name)),
            .. more,
        ]) with
    {
        FileName = RepositoryLayout.Program("GpuWorker"),
        Arguments = ["run"],
        Readiness = new ReadyLine("worker ready"),
    };

    private ChildSpec Edge(string name, Uri address, params ReadOnlySpan<(string Name, string Value)> more) => Child(name, "edge",
        [
            ("Edge__EdgeId", name),
            ("Edge__Urls", address.GetLeftPart(UriPartial.Authority)),
            ("Edge__CacheDirectory", DataPath(name)),
            ("Edge__TrustedKeys", Keys.TrustedKeys),
            ("Edge__RoutePollInterval", "00:00:00.250"),
            ("Edge__ReportInterval", "00:00:00.500"),
            .. more,
        ]) with
    {
        FileName = RepositoryLayout.Program("Edge"),
        Readiness = new ReadyUrl(new Uri(address, "v2/health/live")),
    };

    private static (string Name, string Value) Double(SimulatedGpu gpu) =>
        (SimulatedRuntime.ProgramVariable, SimulatedRuntime.ProgramFor(gpu.Lane.Target));

    private static Uri FreeAddress() => new($"http://127.0.0.1:{FreePorts.Take()}/");

    private ChildSpec Child(string name, string kind, params ReadOnlySpan<(string Name, string Value)> settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["Pipeline__Storage"] = Storage,
            ["Pipeline__ServiceBus"] = ServiceBus,
        };
        foreach ((string setting, string value) in settings) environment[setting] = value;
        foreach (string owner in new[] { kind, name }.Distinct())
        {
            if (!options.Settings.TryGetValue(owner, out ImmutableDictionary<string, string>? overrides)) continue;
            foreach ((string setting, string value) in overrides) environment[setting] = value;
        }

        return new ChildSpec
        {
            Name = name,
            FileName = "",
            Environment = environment.ToImmutableDictionary(),
            RestartsAfterCrash = options.RestartsAfterCrash,
        };
    }

    private string DataPath(string name) => Path.Combine(options.DataDirectory, name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
