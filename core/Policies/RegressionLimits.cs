using System.Text.Json.Serialization;

namespace Pipeline.Core.Policies;

/// <summary>
/// How much worse than the engine that now serves an engine may be, as shares: 0.02 allows 2 % more time, or 2 % less
/// throughput. Null: not judged.
/// </summary>
public sealed record RegressionLimits
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? P50Maximum { get; init; } = 0.1;

    /// <summary>Decides only where its interval is narrower than the allowance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? P99Maximum { get; init; } = 0.25;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? ThroughputMaximum { get; init; } = 0.1;

    /// <summary>How long the pair may be measured before what is left open is Inconclusive.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);
}
