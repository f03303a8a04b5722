using Pipeline.Edge.Loading;

namespace Pipeline.Edge.Serving;

/// <summary>Where requests wait while their model's engine is exchanged in its place.</summary>
internal static class SwapWait
{
    /// <summary>Returns when the model's routes are to be looked at again, or when the time is over.</summary>
    /// <exception cref="Protocol.ProtocolException">429: as many wait as may.</exception>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public static async Task ForAsync(
        InferServices services, SwapInPlace swap, long since, long deadline, CancellationToken clientGone)
    {
        if (!swap.TryEnter())
            throw AdmissionGate.Full($"{services.Options.MaximumQueuedRequests} requests wait for the next engine of '{swap.Model}'");
        services.Gate.BeginWait();
        try
        {
            long now = services.Time.GetTimestamp();
            TimeSpan left = services.Options.SwapTimeout - services.Time.GetElapsedTime(since, now);
            TimeSpan own = services.Time.GetElapsedTime(now, deadline);
            TimeSpan shorter = left < own ? left : own;
            await swap.Ended.WaitAsync(shorter > TimeSpan.Zero ? shorter : TimeSpan.Zero, services.Time, clientGone);
        }
        catch (TimeoutException)
        {
            // The request is answered with what there is, or refused.
        }
        finally
        {
            services.Gate.EndWait();
            swap.Leave();
        }
    }
}
