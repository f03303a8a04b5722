namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>
/// All decisions about the messages of one queue, subscription or dead-letter queue. Time comes in as a value, durable
/// changes go out through <paramref name="record"/>. A message is in exactly one state here, or in the dead-letter
/// queue, or gone for a reason. Not thread-safe.
/// </summary>
/// <param name="path">The address, which names the queue in its changes.</param>
/// <param name="rules">What was declared.</param>
/// <param name="deadLetters">
/// Where dead letters go. Null makes this a dead-letter queue: nothing expires and no delivery is the last.
/// </param>
/// <param name="newToken">Makes lock tokens.</param>
/// <param name="record">Takes each durable change, in order.</param>
internal sealed class MessageQueue(
    string path, MessageEntityConfig rules, MessageQueue? deadLetters, Func<Guid> newToken, Action<StoreChange> record)
{
    private readonly SortedDictionary<long, Entry> _entries = [];
    private readonly SortedSet<long> _active = [];
    private readonly Dictionary<Guid, Entry> _locked = [];
    private readonly SortedSet<(DateTimeOffset At, long Sequence)> _due = [];
    private long _sizeBytes;

    public string Path => path;

    public MessageQueue? DeadLetters => deadLetters;

    public bool HasActive => _active.Count > 0;

    /// <summary>When Advance next has something to do.</summary>
    public DateTimeOffset? NextDue => _due.Count == 0 ? null : _due.Min.At;

    public QueueCounts Counts => new(
        _active.Count, _locked.Count, _entries.Count - _active.Count - _locked.Count, deadLetters?._entries.Count ?? 0);

    public bool HasRoomFor(long bytes) =>
        _sizeBytes + (deadLetters?._sizeBytes ?? 0) + bytes <= rules.MaxSizeBytes;

    public void Enqueue(QueueMessage message, DateTimeOffset now)
    {
        if (rules.DefaultMessageTimeToLive is { } longest && message.ExpiresAt - message.VisibleAt > longest)
            message = message with { ExpiresAt = message.VisibleAt + longest };
        record(new StoreChange.Stored(path, message));
        Insert(message);
        Advance(now);
    }

    /// <summary>Locks the first receivable message; null when there is none.</summary>
    public LockedMessage? Take(DateTimeOffset now)
    {
        Advance(now);
        if (_active.Count == 0) return null;
        Entry entry = _entries[_active.Min];
        entry.Token = newToken();
        Move(entry, MessageState.Locked, now + rules.LockDuration);
        return new(entry.Message, entry.Token, entry.Due);
    }

    /// <summary>Each settlement answers false when the lock is lost.</summary>
    public bool Complete(Guid token, DateTimeOffset now)
    {
        if (Held(token, now) is not { } entry) return false;
        Remove(entry);
        return true;
    }

    /// <summary>Gives the message back and counts the delivery.</summary>
    /// <param name="payload">The message with changed properties, or null.</param>
    public bool Abandon(Guid token, byte[]? payload, DateTimeOffset now)
    {
        if (Held(token, now) is not { } entry) return false;
        if (payload is not null) Replace(entry, entry.Message with { Payload = payload });
        EndDelivery(entry);
        Advance(now);
        return true;
    }

    /// <summary>Gives the message back as if it had not been taken.</summary>
    public bool Release(Guid token, DateTimeOffset now)
    {
        if (Held(token, now) is not { } entry) return false;
        Move(entry, MessageState.Active, entry.Message.ExpiresAt);
        return true;
    }

    /// <exception cref="InvalidOperationException">This is a dead-letter queue.</exception>
    public bool DeadLetter(Guid token, string? reason, string? description, byte[]? payload, DateTimeOffset now)
    {
        if (deadLetters is null)
            throw new InvalidOperationException($"'{path}' holds dead letters already; complete the message instead.");
        if (Held(token, now) is not { } entry) return false;
        if (payload is not null) Replace(entry, entry.Message with { Payload = payload });
        Bury(entry, reason, description);
        return true;
    }

    /// <summary>The new end of the lock, or null when it is lost.</summary>
    public DateTimeOffset? Renew(Guid token, DateTimeOffset now)
    {
        if (Held(token, now) is not { } entry) return null;
        Move(entry, MessageState.Locked, now + rules.LockDuration);
        return entry.Due;
    }

    /// <summary>The message that a lock holds, or null when the lock is lost.</summary>
    public QueueMessage? Find(Guid token, DateTimeOffset now) => Held(token, now)?.Message;

    /// <summary>Deletes a message that is still scheduled; false when it is not.</summary>
    public bool Cancel(long sequence, DateTimeOffset now)
    {
        Advance(now);
        if (!_entries.TryGetValue(sequence, out Entry? entry) || entry.State != MessageState.Scheduled) return false;
        Remove(entry);
        return true;
    }

    /// <summary>Looks without taking, in sequence order, locked and scheduled ones included.</summary>
    public IEnumerable<(QueueMessage Message, MessageState State)> Peek(long from, int count, DateTimeOffset now)
    {
        Advance(now);
        return _entries.Where(e => e.Key >= from).Take(count).Select(e => (e.Value.Message, e.Value.State));
    }

    /// <summary>Does what time alone causes: lost locks, scheduled messages, expiry.</summary>
    public void Advance(DateTimeOffset now)
    {
        while (_due.Count > 0 && _due.Min.At <= now)
        {
            Entry entry = _entries[_due.Min.Sequence];
            if (entry.State == MessageState.Locked) EndDelivery(entry);
            else if (entry.State == MessageState.Scheduled) Move(entry, MessageState.Active, entry.Message.ExpiresAt);
            else if (rules.DeadLetteringOnMessageExpiration)
                Bury(entry, "TTLExpiredException", "The message expired and was dead-lettered.");
            else Remove(entry);
        }
    }

    /// <summary>Applies a recorded change at start; the message comes back unlocked.</summary>
    public void Restore(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.Stored stored:
                if (_entries.TryGetValue(stored.Message.Sequence, out Entry? old)) Forget(old);
                Insert(stored.Message);
                break;
            case StoreChange.Counted counted when _entries.TryGetValue(counted.Sequence, out Entry? entry):
                entry.Message = entry.Message with { DeliveryCount = counted.DeliveryCount };
                break;
            case StoreChange.Removed removed when _entries.TryGetValue(removed.Sequence, out Entry? gone):
                Forget(gone);
                break;
        }
    }

    /// <summary>The changes that give this state to an empty queue.</summary>
    public IEnumerable<StoreChange> Snapshot() =>
        _entries.Values.Select(e => new StoreChange.Stored(path, e.Message));

    private Entry? Held(Guid token, DateTimeOffset now)
    {
        Advance(now);
        return _locked.GetValueOrDefault(token);
    }

    private void EndDelivery(Entry entry)
    {
        int count = entry.Message.DeliveryCount + 1;
        entry.Message = entry.Message with { DeliveryCount = count };
        if (deadLetters is not null && count >= rules.MaxDeliveryCount)
        {
            Bury(entry, "MaxDeliveryCountExceeded",
                $"The message could not be consumed in {rules.MaxDeliveryCount} deliveries.");
            return;
        }

        record(new StoreChange.Counted(path, entry.Message.Sequence, count));
        Move(entry, MessageState.Active, entry.Message.ExpiresAt);
    }

    private void Bury(Entry entry, string? reason, string? description)
    {
        Remove(entry);
        QueueMessage dead = entry.Message with
        {
            EnqueuedAt = entry.Message.VisibleAt,
            ExpiresAt = DateTimeOffset.MaxValue,
            DeadLetter = new(reason, description, path),
        };
        record(new StoreChange.Stored(deadLetters!.Path, dead));
        deadLetters.Insert(dead);
    }

    private void Insert(QueueMessage message)
    {
        var entry = new Entry { Message = message };
        _entries.Add(message.Sequence, entry);
        _sizeBytes += message.Payload.Length;
        if (message.VisibleAt > message.EnqueuedAt) Place(entry, MessageState.Scheduled, message.VisibleAt);
        else Place(entry, MessageState.Active, message.ExpiresAt);
    }

    private void Replace(Entry entry, QueueMessage message)
    {
        _sizeBytes += message.Payload.Length - entry.Message.Payload.Length;
        entry.Message = message;
        record(new StoreChange.Stored(path, message));
    }

    private void Remove(Entry entry)
    {
        record(new StoreChange.Removed(path, entry.Message.Sequence));
        Forget(entry);
    }

    private void Forget(Entry entry)
    {
        Unplace(entry);
        _entries.Remove(entry.Message.Sequence);
        _sizeBytes -= entry.Message.Payload.Length;
    }

    private void Move(Entry entry, MessageState state, DateTimeOffset due)
    {
        Unplace(entry);
        Place(entry, state, due);
    }

    private void Place(Entry entry, MessageState state, DateTimeOffset due)
    {
        (entry.State, entry.Due) = (state, due);
        if (due != DateTimeOffset.MaxValue) _due.Add((due, entry.Message.Sequence));
        if (state == MessageState.Active) _active.Add(entry.Message.Sequence);
        if (state == MessageState.Locked) _locked.Add(entry.Token, entry);
    }

    private void Unplace(Entry entry)
    {
        _due.Remove((entry.Due, entry.Message.Sequence));
        _active.Remove(entry.Message.Sequence);
        _locked.Remove(entry.Token);
    }

    private sealed class Entry
    {
        public required QueueMessage Message { get; set; }

        public MessageState State { get; set; }

        /// <summary>The end of the lock, of the wait or of the life, by state.</summary>
        public DateTimeOffset Due { get; set; }

        public Guid Token { get; set; }
    }
}
