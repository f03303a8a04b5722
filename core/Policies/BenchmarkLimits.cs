using System.Text.Json.Serialization;

namespace Pipeline.Core.Policies;

/// <summary>How long the benchmark runs and what it must stay under; a limit that is null is not judged.</summary>
public sealed record BenchmarkLimits
{
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    public double? P50MillisecondsMaximum { get; init; }

    public double? P90MillisecondsMaximum { get; init; }

    public double? P99MillisecondsMaximum { get; init; }

    public double? ThroughputPerSecondMinimum { get; init; }

    /// <summary>Against the engine that now serves the target on the same runtime; null: not judged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public RegressionLimits? Regression { get; init; } = new();
}
