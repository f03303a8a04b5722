using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Pipeline.Core.Fleet;

/// <summary>What one edge counted for one version since its process started.</summary>
public sealed record VersionCounters
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    public required long Requests { get; init; }

    /// <summary>Requests that failed for a reason on our side; bad requests and vanished clients do not count.</summary>
    public required long Errors { get; init; }

    /// <summary>
    /// Successful requests by latency bucket (<see cref="LatencyHistogram"/>). Of another length: other buckets, to be ignored.
    /// </summary>
    [JsonConverter(typeof(ZeroRunConverter))]
    public required ImmutableArray<long> Latency { get; init; }

    /// <summary>What the version did as a shadow; null when it never was one.</summary>
    public ShadowCounters? Shadow { get; init; }
}
