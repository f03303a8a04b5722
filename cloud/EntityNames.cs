using System.Globalization;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud;

/// <summary>
/// Every container, path, table, key, queue, topic, subscription and property name. Frozen: other programs, infra and
/// stored data know them.
/// </summary>
public static class EntityNames
{
    public const string ModelsContainer = "models";
    public const string EnginesContainer = "engines";
    public const string ReportsContainer = "reports";
    public const string CachesContainer = "caches";
    public const string RoutesContainer = "routes";

    public const string ModelsTable = "Models";
    public const string BuildsTable = "Builds";
    public const string RoutesTable = "Routes";
    public const string FleetTable = "Fleet";

    public const string BlobEventsQueue = "blob-events";
    public const string EventsTopic = "promotion-events";
    public const string GatekeeperSubscription = "gatekeeper";

    /// <summary>Application property that subscriptions filter on: the CloudEvents type.</summary>
    public const string TypeProperty = "type";

    /// <summary>Application property and blob metadata with the W3C trace context.</summary>
    public const string TraceParentProperty = "traceparent";

    /// <summary>Blob metadata of a route snapshot.</summary>
    public const string RevisionMetadata = "revision";

    /// <summary>Blob metadata of a route snapshot: who signed it.</summary>
    public const string KeyIdMetadata = "keyid";

    /// <summary>Partition of the lanes in table Fleet that edges run and no worker is deployed for; no target has this name.</summary>
    public const string UndeployedPartition = "undeployed";

    /// <summary>Blob metadata of a route snapshot: how many blobs hold it.</summary>
    public const string ReplicasMetadata = "replicas";

    /// <summary>Blob metadata of a route snapshot: the poll interval in it, in milliseconds.</summary>
    public const string PollIntervalMetadata = "pollmilliseconds";

    public const string HeadRow = "head";
    public const string RevisionRow = "revision";
    public const string VersionRowPrefix = "version|";
    public const string ProgressRowPrefix = "progress|";
    public const string RouteRowPrefix = "route|";
    public const string HistoryRowPrefix = "history|";
    public const string OutboxRowPrefix = "outbox|";

    private const string LaneSeparator = "--";

    public static IReadOnlyList<string> Containers { get; } =
        [ModelsContainer, EnginesContainer, ReportsContainer, CachesContainer, RoutesContainer];

    public static IReadOnlyList<string> Tables { get; } = [ModelsTable, BuildsTable, RoutesTable, FleetTable];

    /// <summary>
    /// A lane where '/' is not allowed: table keys, queue names, blob path segments. No name holds <c>--</c>, so it
    /// reads back.
    /// </summary>
    public static string LaneKey(Lane lane) => lane.Target + LaneSeparator + lane.Runtime;

    /// <summary>Reads what <see cref="LaneKey"/> wrote.</summary>
    public static bool TryParseLaneKey(string text, out Lane lane)
    {
        lane = default;
        return text.Split(LaneSeparator) is [var target, var runtime] && Lane.TryParse($"{target}/{runtime}", out lane);
    }

    public static string BuildQueue(Lane lane) => "build-" + LaneKey(lane);

    public static string VersionRow(string version) => VersionRowPrefix + version;

    public static string BuildsPartition(ModelVersion id) => $"{id.Model}|{id.Version}";

    public static string ProgressRow(Lane lane) => ProgressRowPrefix + LaneKey(lane);

    public static string RouteRow(string model) => RouteRowPrefix + model;

    /// <summary>Newest first in key order.</summary>
    public static string HistoryRow(long revision) =>
        HistoryRowPrefix + (long.MaxValue - revision).ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>Oldest first in key order.</summary>
    public static string OutboxRow(long revision) =>
        OutboxRowPrefix + revision.ToString("D19", CultureInfo.InvariantCulture);

    public static string EngineBlob(string engineKey, string engineDigest) => $"{engineKey}/{engineDigest}.engine";

    public static string ManifestBlob(string engineKey) => $"{engineKey}/manifest.json";

    /// <summary>In the container caches.</summary>
    public static string TimingCacheBlob(Lane lane) => $"{LaneKey(lane)}/timing.cache";

    public static string ReportBlob(ModelVersion id, Lane lane) => $"{id.Model}/{id.Version}/{LaneKey(lane)}.json";

    /// <summary>A target's snapshot and its copies: <c>{target}.json</c>, <c>{target}.1.json</c>; no target holds a dot.</summary>
    public static string SnapshotBlob(string target, int replica = 0) => replica == 0
        ? $"{target}.json"
        : string.Create(CultureInfo.InvariantCulture, $"{target}.{replica}.json");
}
