using System.Text.Json.Serialization;

namespace Pipeline.Core.Policies;

/// <summary>One step of a rollout.</summary>
public sealed record RolloutStep
{
    /// <summary>
    /// Share of sticky users, below 100, at most two decimals. 0 is a step on shadow requests alone.
    /// </summary>
    public required double WeightPercent { get; init; }

    /// <summary>Least time at this weight.</summary>
    public required TimeSpan BakeTime { get; init; }

    /// <summary>Candidate requests needed before the step is judged good; at 0 % shadow requests.</summary>
    public required int MinimumSamples { get; init; }

    /// <summary>The weight in buckets out of 10,000.</summary>
    [JsonIgnore]
    public int Weight => (int)Math.Round(WeightPercent * 100);
}
