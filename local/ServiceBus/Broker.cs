using Microsoft.Azure.Amqp;
using Pipeline.Local.ServiceBus.Entities;
using Pipeline.Local.ServiceBus.Storage;
using Pipeline.Local.ServiceBus.Wire;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// All entities behind one lock: every operation runs alone, is in the journal before its effects are seen, and ends
/// with delivering what can be delivered. After a failed write nothing more is accepted.
/// </summary>
internal sealed class Broker : IDisposable
{
    public const string DeadLetterSuffix = "/$deadletterqueue";

    private static readonly TimeSpan s_longestTimer = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Journal _journal;
    private readonly ITimer _timer;
    private readonly List<StoreChange> _changes = [];
    private readonly Dictionary<string, MessageQueue> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Destination> _destinations = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<MessageQueue> _declared = [];
    private readonly Dictionary<MessageQueue, List<IMessageConsumer>> _consumers = [];
    private long _nextSequence = 1;
    private Exception? _stopped;

    /// <exception cref="IOException">Another emulator uses the data directory.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public Broker(ServiceBusEmulatorOptions options)
    {
        _time = options.TimeProvider;
        foreach (QueueConfig queue in options.Queues)
            Declare(queue.Name, queue.DuplicateDetectionWindow, [new(AddQueue(queue.Name, queue), [])]);
        foreach (TopicConfig topic in options.Topics)
        {
            IEnumerable<Target> targets = topic.Subscriptions.Select(s =>
                new Target(AddQueue($"{topic.Name}/Subscriptions/{s.Name}", s), s.Rules));
            Declare(topic.Name, topic.DuplicateDetectionWindow, [.. targets]);
        }

        _declared.UnionWith(_queues.Values);
        _timer = _time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _journal = new Journal(options.DataDirectory);
        try
        {
            foreach (StoreChange change in _journal.Read()) Restore(change);
            _journal.Compact(Snapshot());
            Run(_ => true);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why nothing is accepted any more, or null.</summary>
    public Exception? Failure => _stopped is ObjectDisposedException ? null : _stopped;

    /// <summary>The queue, subscription or dead-letter queue at an address.</summary>
    /// <exception cref="AmqpException">There is none.</exception>
    public MessageQueue QueueAt(string path) =>
        _queues.TryGetValue(path, out MessageQueue? queue) && _declared.Contains(queue)
            ? queue
            : throw ServiceBusErrors.EntityNotFound(path);

    /// <summary>The queue or topic at an address.</summary>
    /// <exception cref="AmqpException">There is none.</exception>
    public Destination DestinationAt(string path) =>
        _destinations.TryGetValue(path, out Destination? destination)
            ? destination
            : throw ServiceBusErrors.EntityNotFound(path);

    /// <summary>Takes all messages or none; a duplicate counts as taken. Gives their sequence numbers.</summary>
    /// <exception cref="AmqpException">The entity is full.</exception>
    public IReadOnlyList<long> Send(Destination destination, IReadOnlyList<IncomingMessage> messages) => Run(now =>
    {
        long bytes = messages.Sum(m => (long)m.Payload.Length);
        if (destination.Targets.FirstOrDefault(t => !t.Queue.HasRoomFor(bytes)).Queue is { } full)
        {
            throw new AmqpException(AmqpErrorCode.ResourceLimitExceeded,
                $"The messaging entity '{full.Path}' is full; receive messages or raise its MaxSizeBytes.");
        }

        return messages.Select(m => destination.Send(m, _nextSequence++, now)).ToArray();
    });

    public bool Cancel(Destination destination, long sequence) => Run(now =>
        destination.Targets.Aggregate(false, (any, target) => target.Queue.Cancel(sequence, now) || any));

    /// <exception cref="AmqpException">The lock is lost, or the queue does not allow this settlement.</exception>
    public void Settle(MessageQueue queue, Guid token, Settlement settlement) => Run(now =>
    {
        byte[]? changed = queue.Find(token, now) is { } message
            ? MessageCodec.WithProperties(message.Payload, settlement.Properties)
            : throw ServiceBusErrors.MessageLockLost();
        if (settlement.Kind == SettlementKind.DeadLetter && queue.DeadLetters is null)
        {
            throw new AmqpException(AmqpErrorCode.NotAllowed,
                $"'{queue.Path}' holds dead letters already; complete or abandon the message instead.");
        }

        return settlement.Kind switch
        {
            SettlementKind.Complete => queue.Complete(token, now),
            SettlementKind.Abandon => queue.Abandon(token, changed, now),
            SettlementKind.Release => queue.Release(token, now),
            _ => queue.DeadLetter(token, settlement.Reason, settlement.Description, changed, now),
        };
    });

    /// <exception cref="AmqpException">The lock is lost.</exception>
    public DateTimeOffset Renew(MessageQueue queue, Guid token) => Run(now =>
        queue.Renew(token, now) ?? throw ServiceBusErrors.MessageLockLost());

    public IReadOnlyList<(QueueMessage Message, MessageState State)> Peek(MessageQueue queue, long from, int count) =>
        Run(now => queue.Peek(from, count, now).ToArray());

    /// <summary>The counts of every declared queue and subscription, by address.</summary>
    public IReadOnlyList<(string Path, QueueCounts Counts)> Count() => Run(_ =>
        _declared.Where(q => q.DeadLetters is not null).OrderBy(q => q.Path, StringComparer.OrdinalIgnoreCase)
            .Select(q => (q.Path, q.Counts)).ToArray());

    /// <summary>From now on the consumer gets messages, as long as it is ready.</summary>
    public void Add(MessageQueue queue, IMessageConsumer consumer) => Run(_ =>
    {
        if (!_consumers.TryGetValue(queue, out List<IMessageConsumer>? consumers))
            _consumers.Add(queue, consumers = []);
        consumers.Add(consumer);
        return true;
    });

    /// <summary>Something about the consumer changed under the lock that delivery runs under.</summary>
    public void Update(Action change) => Run(_ =>
    {
        change();
        return true;
    });

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped ??= new ObjectDisposedException(nameof(ServiceBusEmulator));
            _timer.Dispose();
            _journal.Dispose();
        }
    }

    private T Run<T>(Func<DateTimeOffset, T> operation)
    {
        lock (_gate)
        {
            if (_stopped is not null)
            {
                throw new AmqpException(AmqpErrorCode.InternalError,
                    $"The Service Bus emulator has stopped: {_stopped.Message}");
            }

            DateTimeOffset now = _time.GetUtcNow();
            try
            {
                return operation(now);
            }
            finally
            {
                foreach (MessageQueue queue in _queues.Values) queue.Advance(now);
                Commit();
                foreach ((MessageQueue queue, List<IMessageConsumer> consumers) in _consumers)
                    Deliver(queue, consumers, now);
                ArmTimer(now);
            }
        }
    }

    private void Commit()
    {
        try
        {
            _journal.Append(_changes);
            _changes.Clear();
            if (_journal.WantsCompaction) _journal.Compact(Snapshot());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Memory is now ahead of the file: going on would acknowledge what a restart forgets.
            _stopped = e;
            throw new AmqpException(AmqpErrorCode.InternalError, $"The journal could not be written: {e.Message}");
        }
    }

    private void Deliver(MessageQueue queue, List<IMessageConsumer> consumers, DateTimeOffset now)
    {
        consumers.RemoveAll(c => c.IsClosed);
        while (queue.HasActive && consumers.FindIndex(c => c.IsReady) is >= 0 and int index)
        {
            IMessageConsumer consumer = consumers[index];
            LockedMessage message = queue.Take(now)!;
            if (!consumer.TrySend(message))
            {
                queue.Release(message.Token, now);
                break;
            }

            // Sent before it is deleted: a kill in between delivers it twice rather than never.
            if (consumer.DeletesOnSend) queue.Complete(message.Token, now);
            consumers.RemoveAt(index);
            consumers.Add(consumer);
        }

        Commit();
    }

    private void ArmTimer(DateTimeOffset now)
    {
        DateTimeOffset due = _queues.Values.Min(q => q.NextDue) ?? DateTimeOffset.MaxValue;
        TimeSpan wait = due > now ? due - now : TimeSpan.Zero;
        _timer.Change(wait > s_longestTimer ? s_longestTimer : wait, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        try
        {
            Run(_ => true);
        }
        catch (AmqpException)
        {
            // Stopped: /health and every client say so.
        }
    }

    private MessageQueue AddQueue(string path, MessageEntityConfig config)
    {
        var deadLetters = new MessageQueue(path + DeadLetterSuffix, config, null, Guid.NewGuid, _changes.Add);
        var queue = new MessageQueue(path, config, deadLetters, Guid.NewGuid, _changes.Add);
        _queues.Add(path, queue);
        _queues.Add(deadLetters.Path, deadLetters);
        return queue;
    }

    private void Declare(string name, TimeSpan? window, Target[] targets) => _destinations.Add(name, new Destination(
        targets, window is { } w ? new DuplicateHistory(name, w, _changes.Add) : null));

    private void Restore(StoreChange change)
    {
        if (change is StoreChange.Numbered numbered)
        {
            _nextSequence = Math.Max(_nextSequence, numbered.Next);
        }
        else if (change is StoreChange.Seen seen)
        {
            _destinations.GetValueOrDefault(seen.Path)?.History?.Restore(seen.MessageId, seen.At);
        }
        else
        {
            // An entity that is declared no longer keeps its messages, out of reach, until it is declared again.
            if (!_queues.ContainsKey(change.Path))
            {
                string name = change.Path.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase)
                    ? change.Path[..^DeadLetterSuffix.Length]
                    : change.Path;
                AddQueue(name, new QueueConfig { Name = name });
            }

            _queues[change.Path].Restore(change);
            if (change is StoreChange.Stored stored)
                _nextSequence = Math.Max(_nextSequence, stored.Message.Sequence + 1);
        }
    }

    private IEnumerable<StoreChange> Snapshot() => _queues.Values.SelectMany(q => q.Snapshot())
        .Concat(_destinations.Values.SelectMany(d => d.History?.Snapshot() ?? []))
        .Append(new StoreChange.Numbered("", _nextSequence));
}
