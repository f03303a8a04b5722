using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Pipeline.Core.Rollouts;

/// <summary>One version's counts over all edges of a target since a step began.</summary>
public sealed record WindowCounters
{
    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public required ImmutableArray<long> Latency { get; init; }

    /// <summary>Share of failed requests, 0 to 1; 0 without requests.</summary>
    [JsonIgnore]
    public double ErrorShare => Requests == 0 ? 0 : (double)Errors / Requests;
}
