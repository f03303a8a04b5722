using System.Collections.Immutable;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.Commands;

namespace Pipeline.Local.DeadLetters;

/// <summary>The dead letters of one queue or subscription: looked at without touching them, sent once more, or taken away.</summary>
public sealed class DeadLetterQueue
{
    /// <summary>Most messages that one call looks at or sends.</summary>
    public const int MessagesMaximum = 1000;

    private const int PageSize = 100;
    private const int BodyLengthMaximum = 160;
    private const int MessageIdLengthMaximum = 128;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    private readonly ServiceBusClient client;
    private readonly string queue;

    /// <param name="queue">A queue, or <c>topic/subscription</c>.</param>
    public DeadLetterQueue(ServiceBusClient client, string queue) => (this.client, this.queue) = (client, queue);

    private string Entity => queue.Split('/')[0];

    /// <summary>The dead letters, oldest first.</summary>
    public async Task<ImmutableArray<DeadLetter>> ListAsync(CancellationToken cancellationToken)
    {
        await using ServiceBusReceiver receiver = OpenReceiver();
        var found = ImmutableArray.CreateBuilder<DeadLetter>();
        long next = 0;
        while (found.Count < MessagesMaximum)
        {
            IReadOnlyList<ServiceBusReceivedMessage> page =
                await receiver.PeekMessagesAsync(PageSize, next, cancellationToken);
            if (page.Count == 0) break;
            found.AddRange(page.Select(Describe));
            next = page[^1].SequenceNumber + 1;
        }

        return found.ToImmutable();
    }

    /// <summary>
    /// Sends dead letters once more and takes them away; each is sent before it is taken away, under a message id that stays
    /// the same when an interrupted call is repeated. Those that come back meanwhile are left alone.
    /// </summary>
    /// <param name="sequences">Which; null for all.</param>
    /// <returns>What was sent.</returns>
    public async Task<ImmutableArray<DeadLetter>> ReplayAsync(
        IReadOnlySet<long>? sequences, CancellationToken cancellationToken)
    {
        await using ServiceBusSender sender = client.CreateSender(Entity);
        return await TakeAsync(
            sequences, message => sender.SendMessageAsync(CopyOf(message), cancellationToken), cancellationToken);
    }

    /// <summary>Takes dead letters away for good.</summary>
    /// <param name="sequences">Which.</param>
    /// <returns>What was taken away.</returns>
    public Task<ImmutableArray<DeadLetter>> DiscardAsync(
        IReadOnlySet<long> sequences, CancellationToken cancellationToken) =>
        TakeAsync(sequences, _ => Task.CompletedTask, cancellationToken);

    private async Task<ImmutableArray<DeadLetter>> TakeAsync(
        IReadOnlySet<long>? sequences, Func<ServiceBusReceivedMessage, Task> beforeAsync, CancellationToken cancellationToken)
    {
        int there = (await ListAsync(cancellationToken)).Length;
        await using ServiceBusReceiver receiver = OpenReceiver();
        var done = ImmutableArray.CreateBuilder<DeadLetter>();
        var held = new List<ServiceBusReceivedMessage>();
        try
        {
            while (done.Count + held.Count < there && done.Count != sequences?.Count)
            {
                IReadOnlyList<ServiceBusReceivedMessage> taken = await receiver.ReceiveMessagesAsync(
                    Math.Min(PageSize, there - done.Count - held.Count), Wait, cancellationToken);
                if (taken.Count == 0) break;
                held.AddRange(taken);
                foreach (ServiceBusReceivedMessage message in taken)
                {
                    if (sequences?.Contains(message.SequenceNumber) == false) continue;
                    await beforeAsync(message);
                    await receiver.CompleteMessageAsync(message, cancellationToken);
                    held.Remove(message);
                    done.Add(Describe(message));
                }
            }
        }
        finally
        {
            // Held until now, so that none was taken twice.
            foreach (ServiceBusReceivedMessage message in held) await LetGoAsync(receiver, message);
        }

        return done.ToImmutable();
    }

    private static async Task LetGoAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        try
        {
            await receiver.AbandonMessageAsync(message, cancellationToken: CancellationToken.None);
        }
        catch (ServiceBusException)
        {
            // Its lock is over, or ends by itself; and what was done, or why it was not, is what is to be told.
        }
    }

    // Under its own id the queue would drop it as a duplicate, if it was sent a short time ago.
    private static ServiceBusMessage CopyOf(ServiceBusReceivedMessage message)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"replay-{message.SequenceNumber}-{message.MessageId}");
        return new ServiceBusMessage(message) { MessageId = id.Length <= MessageIdLengthMaximum ? id : id[..MessageIdLengthMaximum] };
    }

    private ServiceBusReceiver OpenReceiver()
    {
        var options = new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter };
        return queue.Split('/') is [var topic, var subscription]
            ? client.CreateReceiver(topic, subscription, options)
            : client.CreateReceiver(queue, options);
    }

    private DeadLetter Describe(ServiceBusReceivedMessage message) => new()
    {
        Queue = queue,
        Sequence = message.SequenceNumber,
        MessageId = message.MessageId,
        EnqueuedAt = message.EnqueuedTime,
        Deliveries = message.DeliveryCount,
        Reason = message.DeadLetterReason,
        Description = message.DeadLetterErrorDescription,
        Body = PlainTextWriter.OneLine(string.Concat(message.Body.ToString().Take(BodyLengthMaximum))),
    };
}
