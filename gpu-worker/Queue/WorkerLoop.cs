using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Naming;

namespace Pipeline.GpuWorker.Queue;

/// <summary>
/// Takes build requests from the lane's queue, one at a time, no prefetch: the lock's clock starts when a message is taken.
/// </summary>
internal sealed partial class WorkerLoop(
    CloudClients clients, RequestHandler handler, IOptions<WorkerOptions> options, ILogger<WorkerLoop> logger)
{
    private static readonly TimeSpan ReceiveWait = TimeSpan.FromSeconds(30);

    /// <summary>Works until cancelled, or through one message with <paramref name="once"/>; an empty queue is no error then.</summary>
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
                ServiceBusReceivedMessage? message = await receiver.ReceiveMessageAsync(
                    once ? options.Value.EmptyWait : ReceiveWait, cancellationToken);
                if (message is not null) await HandleAsync(receiver, message, cancellationToken);
            }
            while (!once);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.Stopping(logger);
        }
    }

    private async Task HandleAsync(
        ServiceBusReceiver receiver, ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        if (BuildRequestReader.TryRead(message.Body, out string? fault) is not { } request)
        {
            await receiver.DeadLetterMessageAsync(message, "BadRequest", fault, CancellationToken.None);
            Log.BadRequest(logger, message.MessageId, fault);
            return;
        }

        await using var renewal = new LockRenewal(receiver, message, TimeProvider.System, logger, cancellationToken);
        try
        {
            await handler.HandleAsync(request, TraceContext.Read(message.ApplicationProperties), renewal.JobToken);
            // Whoever stopped in between has told the functions already: completing must not be cut short.
            await receiver.CompleteMessageAsync(message, CancellationToken.None);
        }
        catch (OperationCanceledException) when (renewal.JobToken.IsCancellationRequested)
        {
            if (!renewal.IsLost) await ReturnAsync(receiver, message);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Outside trouble: the next delivery tries again, and too many deliveries end in the dead-letter queue.
            Log.Failed(logger, e, request.Model, request.Version, message.DeliveryCount);
            await ReturnAsync(receiver, message);
        }
    }

    private async Task ReturnAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        try
        {
            await receiver.AbandonMessageAsync(message, null, CancellationToken.None);
        }
        catch (ServiceBusException e)
        {
            Log.NotReturned(logger, e, message.MessageId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Stopping: the message under way goes back to its queue.")]
        public static partial void Stopping(ILogger logger);

        [LoggerMessage(LogLevel.Error, "Message {MessageId} is dead-lettered: {Fault}")]
        public static partial void BadRequest(ILogger logger, string messageId, string? fault);

        [LoggerMessage(LogLevel.Error, "The job for {Model}/{Version} failed on delivery {Delivery}; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception, string model, string version, int delivery);

        [LoggerMessage(LogLevel.Warning, "Message {MessageId} could not be returned; its lock will expire.")]
        public static partial void NotReturned(ILogger logger, Exception exception, string messageId);
    }
}
