using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Pipeline.Core.Policies;

/// <summary>The steps a candidate takes, and what takes it back.</summary>
public sealed record RolloutPolicy
{
    /// <summary>Rising weights below 100 %; after the last one's bake the candidate becomes stable. Empty: at once.</summary>
    public ImmutableArray<RolloutStep> Steps { get; init; } =
    [
        new() { WeightPercent = 5, BakeTime = TimeSpan.FromMinutes(5), MinimumSamples = 100 },
        new() { WeightPercent = 25, BakeTime = TimeSpan.FromMinutes(10), MinimumSamples = 500 },
        new() { WeightPercent = 50, BakeTime = TimeSpan.FromMinutes(10), MinimumSamples = 1000 },
    ];

    /// <summary>Most that the candidate's error share may lie above the stable one's, 0 to 1.</summary>
    public double ErrorShareIncreaseMaximum { get; init; } = 0.005;

    /// <summary>Most that the candidate's P99 may be, as a multiple of the stable one's; null: not judged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? P99RatioMaximum { get; init; } = 1.2;

    /// <summary>How long a step may wait for its samples.</summary>
    public TimeSpan MaximumWait { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What happens then.</summary>
    public StarvedAction AfterMaximumWait { get; init; } = StarvedAction.Hold;

    /// <summary>What the candidate runs beside stable while it rolls out; null: nothing.</summary>
    public ShadowPolicy? Shadow { get; init; }
}
