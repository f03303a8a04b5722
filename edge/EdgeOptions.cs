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

    /// <summary>Name in the fleet. Default: host name and port.</summary>
    public string? EdgeId { get; init; }

    /// <summary>Whose routes are followed. Default: the closest target of this machine.</summary>
    public string Target { get; init; } = "";

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

    /// <summary>What engines may take. Default: three quarters of what the process may use.</summary>
    public long MemoryLimitBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <summary>Threads of one engine run. Default: 0, one a processor that this process may use.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Engine runs at the same time. Default: 1, since one run keeps all its threads busy.</summary>
    public int ParallelRuns { get; init; } = 1;

    /// <summary>Largest request body. Default: 64 MiB.</summary>
    public long MaximumBodyBytes { get; init; } = 64L << 20;

    /// <summary>Bodies of all requests in flight together. Default: 512 MiB.</summary>
    public long MaximumBufferedBytes { get; init; } = 512L << 20;

    /// <summary>Inference requests in flight; beyond it the answer is 429. Default: 256.</summary>
    public int MaximumConcurrentRequests { get; init; } = 256;

    /// <summary>
    /// Time between saying "not ready" and closing the door when the process is told to stop, for load balancers that
    /// look only now and then. Default: 0.
    /// </summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long requests in flight may go on after that. Default: 30 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public Lane Lane => new(Target, Runtime);

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
        if (RoutePollInterval <= TimeSpan.Zero) yield return "'Edge:RoutePollInterval' must be above zero.";
        if (RouteReplicas is < 1 or > PollPlan.ReplicasMaximum)
            yield return $"'Edge:RouteReplicas' must be from 1 to {PollPlan.ReplicasMaximum}.";
        if (ReportInterval <= TimeSpan.Zero) yield return "'Edge:ReportInterval' must be above zero.";
        if (DrainDelay < TimeSpan.Zero || StopTimeout < TimeSpan.Zero)
            yield return "'Edge:DrainDelay' and 'Edge:StopTimeout' must not be negative.";
        if (MemoryLimitBytes <= 0) yield return "'Edge:MemoryLimitBytes' must be above zero.";
        if (IntraOpThreads < 0) yield return "'Edge:IntraOpThreads' must not be negative.";
        if (ParallelRuns < 1) yield return "'Edge:ParallelRuns' must be at least 1.";
        if (MaximumConcurrentRequests < 1) yield return "'Edge:MaximumConcurrentRequests' must be at least 1.";
        if (MaximumBodyBytes is < 1 or > 512 << 20)
            yield return "'Edge:MaximumBodyBytes' must be between 1 and 512 MiB.";
        if (MaximumBufferedBytes <= MaximumBodyBytes)
            yield return "'Edge:MaximumBufferedBytes' must be above 'Edge:MaximumBodyBytes'.";
    }
}
