using Pipeline.Cloud.Fleet;
using Pipeline.Core.Fleet;
using Pipeline.Core.Naming;

namespace Pipeline.Edge;

/// <summary>
/// Settings of an edge: section <c>Edge</c> of the configuration, or variables such as <c>Edge__Target</c>.
/// </summary>
public sealed record EdgeOptions
{
    public const string Section = "Edge";

    private const int LanesMaximum = 256;

    /// <summary>One copies while the other computes; a third finds the device busy.</summary>
    private const int DeviceLanes = 2;

    /// <summary>Name in the fleet. Default: host name and port.</summary>
    public string? EdgeId { get; init; }

    /// <summary>Whose routes are followed, alone. Default: those of all <see cref="Targets"/>.</summary>
    public string Target { get; init; } = "";

    /// <summary>
    /// Whose routes are followed; each model is served by the narrowest that has a stable engine for it. Default: every target
    /// that this machine runs, such as <c>sm_90-h200</c> and <c>sm_90</c>.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Whose engines are run. Default: the runtime that this machine has.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>Models to serve. Default: all that the routes name.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>
    /// Addresses to listen on, separated by semicolons; port 0 takes a free one. Default: http://127.0.0.1:8080.
    /// </summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>
    /// Longest time between two looks at the routes; the snapshot may ask for a shorter one. Default: 30 s.
    /// </summary>
    public TimeSpan RoutePollInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Blobs that hold the snapshot, to choose from until a snapshot tells their number: as the functions have it in
    /// <c>Pipeline:Snapshots:Replicas</c>. Default: 1.
    /// </summary>
    public int RouteReplicas { get; init; } = 1;

    /// <summary>Time between fleet reports when nothing changes. Default: 10 s.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Engine files and the last accepted snapshot. Default: pipeline-edge in the temporary folder.</summary>
    public string CacheDirectory { get; init; } = Path.Combine(Path.GetTempPath(), "pipeline-edge");

    /// <summary>File or folder of the public keys that snapshots and engines must be signed with. No default.</summary>
    public string TrustedKeys { get; init; } = "";

    /// <summary>
    /// What engines may take of the process's memory. Default: three quarters of what the process may use. Engines on a device
    /// are bounded by what it has free instead.
    /// </summary>
    public long MemoryLimitBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <summary>What stays free of a device's memory, for the working memory of runs and for others. Default: 256 MiB.</summary>
    public long DeviceMemoryReserveBytes { get; init; } = 256L << 20;

    /// <summary>What happens to a new engine that does not fit beside the old one on the device. Default: it is refused.</summary>
    public DeviceMemoryShortage DeviceMemoryShortage { get; init; } = DeviceMemoryShortage.Refuse;

    /// <summary>
    /// How long requests wait while an engine takes the place of another that had to go first; beyond it the answer is 503, and
    /// the old engine goes on when its own requests take longer than half of it. Default: 30 s.
    /// </summary>
    public TimeSpan SwapTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the runtime may take to load and warm up one engine; then it is left behind and reported. Default: 5 min.
    /// </summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the download of one engine may take. Default: 30 min.</summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a process runs before it tries an engine that has ended two processes while it loaded; twice as long
    /// after each further one, up to an hour. Default: 10 min.
    /// </summary>
    public TimeSpan CrashRetryDelay { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Threads that the runs of one engine share. Default: 0, one a processor that this process may use: a lone request then
    /// has all of them.
    /// </summary>
    public int IntraOpThreads { get; init; }

    /// <summary>
    /// Runs of one engine at the same time. Default: 0, on a device 2, elsewhere one a processor that this process may use. On an
    /// H200 with CUDA graphs the text classifier gave, at 8 items a run, 9,547 items a second with one lane, 13,045 with two and
    /// 13,099 with four; without graphs more lanes gave nothing, and each takes memory and time to warm. On processors, with the
    /// same two threads on two busy ones, two lanes gave 1.2 to 1.5 times the answers of one for the text classifier, 1.2 to 1.7
    /// for the recognizer and 0.9 to 1.2 for the detector, one item a run.
    /// </summary>
    public int ExecutionLanes { get; init; }

    /// <summary>Requests that wait for a lane of one engine; beyond it the answer is 429. Default: 512.</summary>
    public int MaximumQueuedRequests { get; init; } = 512;

    /// <summary>Largest request body. Default: 64 MiB.</summary>
    public long MaximumBodyBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Longest time for a body to arrive once it has begun; beyond it the answer is 408. A body of the default's largest size
    /// takes 9 Mbit/s. Default: 1 min.
    /// </summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bodies of all requests in flight together, with their outputs until the answer is read; beyond it the answer is 429.
    /// Default: 512 MiB.
    /// </summary>
    public long MaximumBufferedBytes { get; init; } = 512L << 20;

    /// <summary>Inference requests in flight; beyond it the answer is 429. Default: 1024.</summary>
    public int MaximumConcurrentRequests { get; init; } = 1024;

    /// <summary>Open connections, most of them idle; beyond it new ones are closed at once. Default: 20,000.</summary>
    public int MaximumConnections { get; init; } = 20_000;

    /// <summary>
    /// Time between saying "not ready" and closing the door when the process is told to stop, for load balancers that
    /// look only now and then. Default: 0.
    /// </summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long requests in flight may go on after that. Default: 30 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The targets whose routes are followed, the narrowest first; at least one.</summary>
    public IReadOnlyList<string> Followed => Targets.Count > 0 ? Targets : [Target];

    /// <summary>The lane of engines under a followed target's route.</summary>
    public Lane LaneOn(string target) => new(target, Runtime);

    /// <summary>The lanes of each engine, chosen where the settings leave it open.</summary>
    /// <param name="onDevice">Whether engines run on a device.</param>
    public int LanesOf(bool onDevice) => ExecutionLanes > 0 ? ExecutionLanes
        : onDevice ? DeviceLanes
        : Math.Min(Environment.ProcessorCount, LanesMaximum);

    /// <summary>Whether this edge serves a model that the routes name.</summary>
    public bool Serves(string model) => Models.Count == 0 || Models.Contains(model, StringComparer.Ordinal);

    /// <summary>What is wrong with the settings, one sentence each.</summary>
    public IEnumerable<string> Faults()
    {
        if (EdgeId is not null && !FleetStore.IsEdgeName(EdgeId))
            yield return $"'Edge:EdgeId' is '{EdgeId}'; write 1 to 63 letters, digits, dots, hyphens and underscores.";
        foreach (string model in Models.Where(m => !Names.IsModel(m)))
            yield return $"'Edge:Models' names '{model}'; write {Names.ModelRule}.";
        if (!File.Exists(TrustedKeys) && !Directory.Exists(TrustedKeys))
            yield return $"'Edge:TrustedKeys' is '{TrustedKeys}'; name the file or folder of public keys.";
        foreach (string url in Urls.Split(';').Where(u => ListenAddress.TryParse(u) is null))
            yield return $"'Edge:Urls' names '{url}'; write {ListenAddress.Rule}.";
        if (RoutePollInterval <= TimeSpan.Zero) yield return "'Edge:RoutePollInterval' must be above zero.";
        if (RouteReplicas is < 1 or > PollPlan.ReplicasMaximum)
            yield return $"'Edge:RouteReplicas' must be from 1 to {PollPlan.ReplicasMaximum}.";
        if (ReportInterval <= TimeSpan.Zero) yield return "'Edge:ReportInterval' must be above zero.";
        if (LoadTimeout <= TimeSpan.Zero || DownloadTimeout <= TimeSpan.Zero)
            yield return "'Edge:LoadTimeout' and 'Edge:DownloadTimeout' must be above zero.";
        if (CrashRetryDelay < TimeSpan.Zero) yield return "'Edge:CrashRetryDelay' must not be negative.";
        if (DrainDelay < TimeSpan.Zero || StopTimeout < TimeSpan.Zero)
            yield return "'Edge:DrainDelay' and 'Edge:StopTimeout' must not be negative.";
        if (BodyTimeout <= TimeSpan.Zero || BodyTimeout > TimeSpan.FromDays(1))
            yield return "'Edge:BodyTimeout' must be above zero and at most a day.";
        if (MemoryLimitBytes <= 0) yield return "'Edge:MemoryLimitBytes' must be above zero.";
        if (DeviceMemoryReserveBytes < 0) yield return "'Edge:DeviceMemoryReserveBytes' must not be negative.";
        if (!Enum.IsDefined(DeviceMemoryShortage)) yield return "'Edge:DeviceMemoryShortage' must be Refuse or Drain.";
        if (SwapTimeout <= TimeSpan.Zero || SwapTimeout > TimeSpan.FromDays(1))
            yield return "'Edge:SwapTimeout' must be above zero and at most a day.";
        if (IntraOpThreads < 0) yield return "'Edge:IntraOpThreads' must not be negative.";
        if (ExecutionLanes is < 0 or > LanesMaximum) yield return $"'Edge:ExecutionLanes' must be 0 to {LanesMaximum}.";
        if (MaximumQueuedRequests < 1) yield return "'Edge:MaximumQueuedRequests' must be at least 1.";
        if (MaximumConnections < 1) yield return "'Edge:MaximumConnections' must be at least 1.";
        if (MaximumConcurrentRequests < 1) yield return "'Edge:MaximumConcurrentRequests' must be at least 1.";
        if (MaximumBodyBytes is < 1 or > 512 << 20)
            yield return "'Edge:MaximumBodyBytes' must be between 1 and 512 MiB.";
        if (MaximumBufferedBytes <= MaximumBodyBytes)
            yield return "'Edge:MaximumBufferedBytes' must be above 'Edge:MaximumBodyBytes'.";
    }
}
