using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Naming;

namespace Pipeline.GpuWorker.Queue;

/// <summary>
/// Takes build requests from the lane's queue, one at a time, no prefetch: the lock's clock starts when a message is taken.
/// </summary>
internal sealed partial class WorkerLoop(
    CloudClients clients, RequestHandler handler, IOptions<WorkerOptions> options, TimeProvider time, ILogger<WorkerLoop> logger)
{
    // Service Bus takes 4096 characters.
    private const int FaultLengthMaximum = 2000;

    private static readonly TimeSpan ReceiveWait = TimeSpan.FromSeconds(30);

    /// <summary>Works until cancelled, or through one message with <paramref name="once"/>; an empty queue is no error then.</summary>
    /// <exception cref="ServiceBusException">The queue cannot be read, and waiting would not help.</exception>
    public async Task RunAsync(bool once, CancellationToken cancellationToken)
    {
        Lane lane = Lane.Parse(options.Value.Lane);
        await using ServiceBusReceiver receiver = clients.ServiceBus.CreateReceiver(
            EntityNames.BuildQueue(lane), new ServiceBusReceiverOptions { PrefetchCount = 0 });
        Console.WriteLine($"worker ready: '{options.Value.Name}' on lane '{lane}'");
        try
        {
            do
            {
                ServiceBusReceivedMessage? message = await ReceiveAsync(receiver, once, cancellationToken);
                if (message is not null) await HandleAsync(receiver, message, cancellationToken);
            }
            while (!once);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Stopping(logger);
        }
    }

    private async Task<ServiceBusReceivedMessage?> ReceiveAsync(
        ServiceBusReceiver receiver, bool once, CancellationToken cancellationToken)
    {
        try
        {
            return await receiver.ReceiveMessageAsync(once ? options.Value.EmptyWait : ReceiveWait, cancellationToken);
        }
        catch (ServiceBusException e) when (e.IsTransient && !once)
        {
            Log.NotReceived(logger, e, receiver.EntityPath);
            await Task.Delay(options.Value.RetryPause, time, cancellationToken);
            return null;
        }
    }

    private async Task HandleAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        if (BuildRequestReader.TryRead(message.Body, out string? fault) is not { } request)
        {
            Log.BadRequest(logger, message.MessageId, fault);
            string reason = fault!.Length <= FaultLengthMaximum ? fault : fault[..FaultLengthMaximum];
            await SettleAsync(message, () => receiver.DeadLetterMessageAsync(message, "BadRequest", reason, CancellationToken.None));
            return;
        }

        bool done, lost;
        await using (var renewal = new LockRenewal(receiver, message, time, logger, cancellationToken))
        {
            done = await TryDoAsync(request, message, renewal.JobToken);
            lost = renewal.IsLost;
        }

        // Nothing below takes a token: whoever stops now must still say what became of the message.
        if (done) await SettleAsync(message, () => receiver.CompleteMessageAsync(message, CancellationToken.None));
        else if (!lost) await SettleAsync(message, () => receiver.AbandonMessageAsync(message, null, CancellationToken.None));
    }

    /// <summary>False when the job was stopped or met outside trouble: another delivery tries again.</summary>
    private async Task<bool> TryDoAsync(BuildRequest request, ServiceBusReceivedMessage message, CancellationToken jobToken)
    {
        try
        {
            await handler.HandleAsync(request, TraceContext.Read(message.ApplicationProperties), jobToken);
            return true;
        }
        catch (Exception) when (jobToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            // Too many deliveries end in the dead-letter queue, and there in a verdict.
            Log.Failed(logger, e, request.Model, request.Version, message.DeliveryCount);
        }

        // The lock is kept meanwhile. The worker may stop during the pause, too.
        await Task.Delay(options.Value.RetryPause * message.DeliveryCount, time, jobToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    private async Task SettleAsync(ServiceBusReceivedMessage message, Func<Task> settle)
    {
        try
        {
            await settle();
        }
        catch (ServiceBusException e)
        {
            Log.NotSettled(logger, e, message.MessageId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Stopping: the message under way goes back to its queue.")]
        public static partial void Stopping(ILogger logger);

        [LoggerMessage(LogLevel.Warning, "Nothing could be received from '{Queue}'; it is tried again.")]
        public static partial void NotReceived(ILogger logger, Exception exception, string queue);

        [LoggerMessage(LogLevel.Error, "Message {MessageId} is dead-lettered: {Fault}")]
        public static partial void BadRequest(ILogger logger, string messageId, string? fault);

        [LoggerMessage(LogLevel.Error, "The job for {Model}/{Version} failed on delivery {Delivery}; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception, string model, string version, int delivery);

        [LoggerMessage(LogLevel.Warning, "Message {MessageId} could not be settled; it comes again when its lock expires.")]
        public static partial void NotSettled(ILogger logger, Exception exception, string messageId);
    }
}
