using System.Collections.Immutable;

namespace Pipeline.Bench.Promoting;

/// <summary>Where the time of one promotion went, from the first uploaded byte of the model to the edge's first answer with it.</summary>
internal sealed record PromotionTimes
{
    public const string Build = "build";
    public const string Benchmark = "benchmark";

    /// <summary>Seconds by stage, in order; together they are the whole time.</summary>
    public required ImmutableArray<(string Stage, double Seconds)> Stages { get; init; }

    public required bool Reused { get; init; }

    public double Total => Stages.Sum(s => s.Seconds);

    /// <summary>What the pipeline itself adds.</summary>
    public double Overhead => Total - SecondsOf(Build) - SecondsOf(Benchmark);

    public double SecondsOf(string stage) => Stages.Where(s => s.Stage == stage).Sum(s => s.Seconds);
}
