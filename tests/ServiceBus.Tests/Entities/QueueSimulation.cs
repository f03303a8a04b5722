using Pipeline.Local.ServiceBus;
using Pipeline.Local.ServiceBus.Entities;

namespace Pipeline.ServiceBus.Tests.Entities;

/// <summary>A queue under arbitrary steps, with a ledger of what was sent and what ended, kept apart from it.</summary>
internal sealed class QueueSimulation
{
    private readonly List<LockedMessage> _taken = [];
    private readonly HashSet<long> _ended = [];
    private readonly Random _tokens = new(7);
    private readonly Dictionary<long, DateTimeOffset> _expiry = [];
    private readonly QueueConfig _config;
    private readonly MessageQueue _dead;
    private long _sent;

    public QueueSimulation(QueueConfig config, DateTimeOffset now)
    {
        (_config, Now) = (config, now);
        _dead = new MessageQueue("q/dead", config, null, NewToken, Changes.Add);
        Queue = new MessageQueue("q", config, _dead, NewToken, Changes.Add);
    }

    public MessageQueue Queue { get; }

    public DateTimeOffset Now { get; private set; }

    public List<StoreChange> Changes { get; } = [];

    /// <summary>The first broken promise, or null.</summary>
    public string? Problem { get; private set; }

    public static QueueSimulation Replay(IEnumerable<StoreChange> changes, DateTimeOffset now)
    {
        var replayed = new QueueSimulation(new QueueConfig { Name = "q" }, now);
        foreach (StoreChange change in changes)
            (change.Path == "q" ? replayed.Queue : replayed._dead).Restore(change);
        return replayed;
    }

    public IEnumerable<StoreChange> Snapshot() => [.. Queue.Snapshot(), .. _dead.Snapshot()];

    /// <summary>Every message with all that has to survive; what is locked or waiting is not part of it.</summary>
    public string Content() => string.Join('\n', Snapshot().Cast<StoreChange.Stored>().Select(s =>
        $"{s.Path} {s.Message.Sequence} {s.Message.DeliveryCount} {s.Message.DeadLetter?.Reason} " +
        $"{s.Message.VisibleAt:O} {s.Message.ExpiresAt:O} {Convert.ToHexString(s.Message.Payload)}"));

    public long Enqueue(TimeSpan delay = default)
    {
        long sequence = ++_sent;
        _expiry[sequence] = Now + delay + (_config.DefaultMessageTimeToLive ?? TimeSpan.Zero);
        Queue.Enqueue(
            new QueueMessage
            {
                Sequence = sequence,
                Payload = BitConverter.GetBytes(sequence),
                EnqueuedAt = Now,
                VisibleAt = Now + delay,
                ExpiresAt = DateTimeOffset.MaxValue,
            },
            Now);
        return sequence;
    }

    public void Step(long step)
    {
        (long kind, int argument) = (step % 11, (int)(step / 11 % 1000));
        if (kind <= 2) Enqueue(kind == 2 ? TimeSpan.FromSeconds(argument % 50) : default);
        else if (kind == 3) Now += TimeSpan.FromSeconds(argument % 60);
        else if (kind == 4) Queue.Advance(Now);
        else if (kind <= 6) Take();
        else if (kind == 7 && _sent > 0 && Queue.Cancel(argument % _sent + 1, Now)) End(argument % _sent + 1);
        else if (kind > 7 && _taken.Count > 0) Settle(kind, _taken[argument % _taken.Count]);
        Check();
    }

    private void Take()
    {
        if (Queue.Take(Now) is not { } taken) return;
        if (_taken.Any(t => t.Message.Sequence == taken.Message.Sequence && t.Until > Now))
            Problem ??= $"{taken.Message.Sequence} was given to two receivers";
        _taken.Add(taken);
    }

    private void Settle(long kind, LockedMessage held)
    {
        bool expected = held.Until > Now;
        bool settled = kind switch
        {
            8 => Queue.Complete(held.Token, Now),
            9 => Queue.Abandon(held.Token, held.Message.Payload, Now),
            _ => Queue.DeadLetter(held.Token, "reason", "text", null, Now),
        };
        if (settled != expected) Problem ??= $"settling {held.Message.Sequence} answered {settled}, not {expected}";
        if (settled && kind == 8) End(held.Message.Sequence);
        _taken.Remove(held);
    }

    private void Check()
    {
        Queue.Advance(Now);
        QueueMessage[] messages = [.. Queue.Peek(0, int.MaxValue, Now).Select(p => p.Message)];
        if (messages.Any(m => m.DeliveryCount >= _config.MaxDeliveryCount)) Problem ??= "one was delivered too often";
        long[] alive = [.. messages.Select(m => m.Sequence)];
        long[] dead = [.. _dead.Peek(0, int.MaxValue, Now).Select(p => p.Message.Sequence)];
        // A message that nobody ended may be missing for one reason: it expired, and expiry deletes here.
        if (!_config.DeadLetteringOnMessageExpiration)
        {
            foreach ((long sequence, DateTimeOffset expiry) in _expiry)
            {
                if (expiry <= Now && !alive.Contains(sequence) && !dead.Contains(sequence)) _ended.Add(sequence);
            }
        }

        long[] all = [.. alive.Concat(dead).Concat(_ended).Order()];
        if (!all.SequenceEqual(Enumerable.Range(1, (int)_sent).Select(i => (long)i)))
            Problem ??= $"{_sent} were sent, but these are there: {string.Join(' ', all)}";
        QueueCounts counts = Queue.Counts;
        if (counts.Active + counts.Locked + counts.Scheduled != alive.Length || counts.DeadLetter != dead.Length)
            Problem ??= $"the counts {counts} do not add up to {alive.Length} and {dead.Length}";
        if (counts.Locked != _taken.Count(t => t.Until > Now))
            Problem ??= $"{counts.Locked} are locked, {_taken.Count(t => t.Until > Now)} are held";
    }

    private void End(long sequence)
    {
        if (!_ended.Add(sequence)) Problem ??= $"{sequence} ended twice";
    }

    private Guid NewToken()
    {
        byte[] bytes = new byte[16];
        _tokens.NextBytes(bytes);
        return new Guid(bytes);
    }
}
