namespace Pipeline.Edge.Tests.Routing;

/// <summary>The timers of another clock, and no time of day: who asks for it would be misled when the machine's clock is set.</summary>
internal sealed class NoWallClock(TimeProvider inner) : TimeProvider
{
    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => throw new InvalidOperationException("The time of day was asked for.");

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
