namespace Pipeline.Bench.Serving;

/// <summary>What one turn of load saw.</summary>
internal sealed record LoadAnswer
{
    /// <summary>Latency of each request that was answered while it counted.</summary>
    public required int[] Microseconds { get; init; }

    /// <summary>Over the whole turn, the ramp too.</summary>
    public required int Failed { get; init; }

    public string? Fault { get; init; }

    public required double Seconds { get; init; }

    public double PerSecond => Microseconds.Length / Seconds;
}
