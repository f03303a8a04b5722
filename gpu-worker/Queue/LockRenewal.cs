using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;

namespace Pipeline.GpuWorker.Queue;

/// <summary>
/// Keeps a message's lock while its job runs, for as long as that takes. When the lock is lost somebody else has the
/// message: the job is told to stop.
/// </summary>
internal sealed partial class LockRenewal : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource lost;
    private readonly Task renewing;

    public LockRenewal(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        renewing = RenewAsync(receiver, message, time, logger);
    }

    /// <summary>Cancelled when the lock is lost or the worker stops.</summary>
    public CancellationToken JobToken => lost.Token;

    public bool IsLost { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await renewing;
        stop.Dispose();
        lost.Dispose();
    }

    private async Task RenewAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeProvider time, ILogger logger)
    {
        try
        {
            while (true)
            {
                // Early enough for two failed tries. The bounds hold also where this clock and the broker's differ.
                double left = (message.LockedUntil - time.GetUtcNow()).TotalSeconds;
                await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(left * 0.4, 0.5, 60)), time, stop.Token);
                if (!await TryRenewAsync(receiver, message, time, logger)) break;
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Whatever a renewal cut short says: the job is over.
            return;
        }

        IsLost = true;
        await lost.CancelAsync();
    }

    private async Task<bool> TryRenewAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, TimeProvider time, ILogger logger)
    {
        try
        {
            await receiver.RenewMessageLockAsync(message, stop.Token);
            return true;
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            Log.LockLost(logger, message.MessageId);
            return false;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // Worth another try while the lock stands.
            Log.RenewalFailed(logger, e, message.MessageId);
            return message.LockedUntil > time.GetUtcNow();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The lock of build request {MessageId} is lost; the job stops, another worker has it.")]
        public static partial void LockLost(ILogger logger, string messageId);

        [LoggerMessage(LogLevel.Warning, "The lock of build request {MessageId} could not be renewed; it is tried again.")]
        public static partial void RenewalFailed(ILogger logger, Exception exception, string messageId);
    }
}
