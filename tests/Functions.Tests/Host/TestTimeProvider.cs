namespace Pipeline.Functions.Tests.Host;

/// <summary>A clock that a test moves. Timers fire inside <see cref="Advance"/>, in their order.</summary>
internal sealed class TestTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TestTimer> _timers = [];
    private DateTimeOffset _now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TestTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until something waits for a time that is at most this far away.</summary>
    public Task WaitForTimerAsync(TimeSpan within) => Eventually.HoldsAsync(() =>
    {
        lock (_lock) return _timers.Any(timer => timer.Due <= _now + within);
    }, "a timer is waiting");

    public void Advance(TimeSpan by)
    {
        DateTimeOffset end = GetUtcNow() + by;
        while (true)
        {
            TestTimer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                _now = next is null || next.Due > end ? end : next.Due > _now ? next.Due : _now;
                if (next is not null) _timers.Remove(next);
            }

            if (next is null) return;
            next.Fire();
        }
    }

    private sealed class TestTimer(TestTimeProvider owner, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public Action Fire => fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                owner._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = owner._now + dueTime;
                owner._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._lock) owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
