namespace Pipeline.Bench.Fleet;

/// <summary>
/// A clock that jumps from one timer to the next, on the thread that runs it, so that minutes of ten thousand edges take
/// seconds, and the same seed gives the same run however busy the machine is.
/// </summary>
internal sealed class VirtualClock : TimeProvider
{
    private readonly PriorityQueue<(VirtualTimer Timer, int Arming), (long Ticks, long Order)> queue = new();
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long now;
    private long order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Since the clock was made.</summary>
    public double Seconds => TimeSpan.FromTicks(now).TotalSeconds;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(now);

    public override long GetTimestamp() => now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (Environment.CurrentManagedThreadId != thread)
            throw new InvalidOperationException("Something left the clock's thread, so its times would be accidents.");
        if (period != Timeout.InfiniteTimeSpan) throw new NotSupportedException("No simulated program has such a timer.");
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Fires what falls due within the time, in order.</summary>
    public void Run(TimeSpan duration)
    {
        long end = now + duration.Ticks;
        while (queue.TryPeek(out (VirtualTimer Timer, int Arming) next, out (long Ticks, long Order) due) && due.Ticks <= end)
        {
            queue.Dequeue();
            if (next.Timer.Arming != next.Arming) continue;
            now = due.Ticks;
            next.Timer.Fire();
        }

        now = end;
    }

    private sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        /// <summary>Counts up whenever the timer is set, which makes what was queued before void.</summary>
        public int Arming { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Arming++;
            if (dueTime != Timeout.InfiniteTimeSpan)
                clock.queue.Enqueue((this, Arming), (clock.now + dueTime.Ticks, clock.order++));
            return true;
        }

        public void Dispose() => Arming++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
