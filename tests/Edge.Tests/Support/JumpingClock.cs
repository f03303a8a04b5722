namespace Pipeline.Edge.Tests.Support;

/// <summary>The machine's time, but that the wall clock may be set; as on a machine, timestamps and timers do not notice.</summary>
internal sealed class JumpingClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
