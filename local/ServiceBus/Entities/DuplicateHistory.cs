namespace Pipeline.Local.ServiceBus.Entities;

/// <summary>The MessageIds that one entity saw within its window.</summary>
internal sealed class DuplicateHistory(string path, TimeSpan window, Action<StoreChange> record)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<(string MessageId, DateTimeOffset At)> _order = new();

    /// <summary>False when the id was seen within the window; otherwise remembers it.</summary>
    public bool TryAdd(string messageId, DateTimeOffset now)
    {
        if (!Restore(messageId, now)) return false;
        record(new StoreChange.Seen(path, messageId, now));
        return true;
    }

    public bool Restore(string messageId, DateTimeOffset at)
    {
        while (_order.TryPeek(out (string MessageId, DateTimeOffset At) oldest) && oldest.At + window <= at)
            _seen.Remove(_order.Dequeue().MessageId);
        if (!_seen.Add(messageId)) return false;
        _order.Enqueue((messageId, at));
        return true;
    }

    public IEnumerable<StoreChange> Snapshot() => _order.Select(o => new StoreChange.Seen(path, o.MessageId, o.At));
}
