using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench.Serving;

/// <summary>The turns of one kind of load on one server, added up.</summary>
internal sealed class LoadTurns(LoadProcess generator, LoadOrder order)
{
    private readonly List<int> microseconds = [];
    private readonly List<double> rates = [];
    private long allocated;

    public int Failed { get; private set; }

    public string? Fault { get; private set; }

    /// <summary>Requests a second, the median of the turns.</summary>
    public double PerSecond => Percentiles.Median([.. rates.Order()]);

    public double LastPerSecond => rates[^1];

    /// <summary>Bytes that this process allocated, for each request that was counted.</summary>
    public double BytesPerRequest => (double)allocated / Math.Max(1, microseconds.Count);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        LoadAnswer answer = await generator.RunAsync(order, cancellationToken);
        // The ramp allocates as the rest does.
        allocated += (long)((GC.GetTotalAllocatedBytes(precise: true) - before - (answer.Microseconds.Length * 12L))
            * order.Seconds / (order.Seconds + order.RampSeconds));
        microseconds.AddRange(answer.Microseconds);
        rates.Add(answer.PerSecond);
        Failed += answer.Failed;
        Fault ??= answer.Fault;
    }

    public double Milliseconds(double percentile) => microseconds.Count == 0
        ? double.NaN
        : Percentiles.Of([.. microseconds.Order().Select(m => m / 1000.0)], percentile);
}
