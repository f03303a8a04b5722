using System.Collections.Immutable;
using Pipeline.Core.Fleet;

namespace Pipeline.Bench.Rollouts;

/// <summary>How a version behaves: each request by itself, by these chances.</summary>
internal sealed record SimulatedVersion
{
    // A hundredth takes 2.5 times the median, and the tail falls slowly, as that of a busy server.
    private const double TailExponent = 5;

    public required string Version { get; init; }

    /// <summary>Share of the requests that fail.</summary>
    public double ErrorShare { get; init; } = 0.001;

    public double P50Milliseconds { get; init; } = 5;

    /// <summary>Share of the shadow answers that differ from stable's by more than the policy allows.</summary>
    public double DivergedShare { get; init; } = 0.002;

    /// <summary>The share of requests up to the end of each latency bucket: a log-logistic distribution.</summary>
    public ImmutableArray<double> LatencyShares() =>
    [
        .. LatencyHistogram.UpperBoundsMilliseconds.Select(b => 1 / (1 + Math.Pow(b / P50Milliseconds, -TailExponent))), 1,
    ];
}
