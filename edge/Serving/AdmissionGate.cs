using Pipeline.Edge.Protocol;

namespace Pipeline.Edge.Serving;

/// <summary>Bounds what is in flight: requests, and the memory of their bodies and answers.</summary>
internal sealed class AdmissionGate(EdgeOptions options)
{
    private long inFlight;
    private long bufferedBytes;
    private long waiting;

    public long InFlight => Interlocked.Read(ref inFlight);

    /// <summary>Requests in flight, but for those that wait for an engine to be loaded.</summary>
    public long Busy => InFlight - Interlocked.Read(ref waiting);

    public long BufferedBytes => Interlocked.Read(ref bufferedBytes);

    /// <summary>Lets one request in; <see cref="Leave"/> lets it out.</summary>
    /// <exception cref="ProtocolException">429: as many are in flight as may be.</exception>
    public void Enter()
    {
        if (Interlocked.Increment(ref inFlight) <= options.MaximumConcurrentRequests) return;
        Leave();
        throw Full($"{options.MaximumConcurrentRequests} requests are in flight");
    }

    public void Leave() => Interlocked.Decrement(ref inFlight);

    /// <summary>A request in flight waits for an engine, until <see cref="EndWait"/>.</summary>
    public void BeginWait() => Interlocked.Increment(ref waiting);

    public void EndWait() => Interlocked.Decrement(ref waiting);

    /// <summary>Sets memory aside for a request; <see cref="Free"/> gives it back.</summary>
    /// <exception cref="ProtocolException">429: the requests in flight take as much as they may.</exception>
    public long Reserve(long bytes)
    {
        if (Interlocked.Add(ref bufferedBytes, bytes) <= options.MaximumBufferedBytes) return bytes;
        Free(bytes);
        throw Full($"the requests in flight take {options.MaximumBufferedBytes} bytes");
    }

    public void Free(long bytes) => Interlocked.Add(ref bufferedBytes, -bytes);

    /// <summary>The answer to what does not fit: come back.</summary>
    public static ProtocolException Full(string why) =>
        new(StatusCodes.Status429TooManyRequests, $"The edge is full: {why}. Try again shortly.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
}
