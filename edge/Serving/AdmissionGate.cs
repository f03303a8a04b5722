using Pipeline.Edge.Protocol;

namespace Pipeline.Edge.Serving;

/// <summary>Bounds what is in flight: requests, the memory of their bodies, and engine runs at the same time.</summary>
internal sealed class AdmissionGate(EdgeOptions options) : IDisposable
{
    private readonly SemaphoreSlim runs = new(options.ParallelRuns);
    private long inFlight;
    private long bufferedBytes;
    private long waitingRuns;

    public long InFlight => Interlocked.Read(ref inFlight);

    public long BufferedBytes => Interlocked.Read(ref bufferedBytes);

    /// <summary>Requests that are read and checked, and wait for their turn to run.</summary>
    public long WaitingRuns => Interlocked.Read(ref waitingRuns);

    /// <summary>Lets one request in; <see cref="Leave"/> lets it out.</summary>
    /// <exception cref="ProtocolException">429: as many are in flight as may be.</exception>
    public void Enter()
    {
        if (Interlocked.Increment(ref inFlight) <= options.MaximumConcurrentRequests) return;
        Leave();
        throw Full($"{options.MaximumConcurrentRequests} requests are in flight");
    }

    public void Leave() => Interlocked.Decrement(ref inFlight);

    /// <summary>Sets memory aside for a body; <see cref="Free"/> gives it back.</summary>
    /// <exception cref="ProtocolException">429: the bodies in flight take as much as they may.</exception>
    public long Reserve(long bytes)
    {
        if (Interlocked.Add(ref bufferedBytes, bytes) <= options.MaximumBufferedBytes) return bytes;
        Free(bytes);
        throw Full($"the bodies in flight take {options.MaximumBufferedBytes} bytes");
    }

    public void Free(long bytes) => Interlocked.Add(ref bufferedBytes, -bytes);

    /// <summary>Waits for a turn to run an engine; <see cref="EndRun"/> gives it up.</summary>
    public async Task StartRunAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref waitingRuns);
        try
        {
            await runs.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waitingRuns);
        }
    }

    public void EndRun() => runs.Release();

    public void Dispose() => runs.Dispose();

    private static ProtocolException Full(string why) =>
        new(StatusCodes.Status429TooManyRequests, $"The edge is full: {why}. Try again shortly.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
}
