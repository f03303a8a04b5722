using System.IO.Pipelines;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// Bounds the time that a body takes to arrive, from its first bytes on; until these the server's own minimum rate does. One
/// request at a time; bodies that come whole never start it.
/// </summary>
internal sealed class BodyTimer : IDisposable
{
    private readonly Lock sync = new();
    private readonly TimeProvider time;
    private readonly TimeSpan limit;
    private readonly ITimer timer;
    private PipeReader? reader;
    private long startedAt;
    private bool isOver;

    public BodyTimer(TimeProvider time, TimeSpan limit)
    {
        (this.time, this.limit) = (time, limit);
        timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called before each further read.</summary>
    /// <exception cref="ProtocolException">408: the time is over.</exception>
    public void Continue(PipeReader from)
    {
        lock (sync)
        {
            if (isOver)
            {
                throw new ProtocolException(
                    StatusCodes.Status408RequestTimeout, $"The body took longer than {limit.TotalSeconds} seconds to arrive.");
            }

            if (reader is not null) return;
            (reader, startedAt) = (from, time.GetTimestamp());
            timer.Change(limit, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The body is whole, or given up: from here on nobody's read is cut short.</summary>
    public void Stop()
    {
        // Only its owner, who calls this, changes it.
        if (reader is null) return;
        lock (sync)
        {
            (reader, isOver) = (null, false);
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => timer.Dispose();

    private void Wake()
    {
        lock (sync)
        {
            if (reader is null) return;
            TimeSpan left = limit - time.GetElapsedTime(startedAt);
            // A turn that was under way when the timer stopped finds a later body here.
            if (left > TimeSpan.Zero)
            {
                timer.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            isOver = true;
            reader.CancelPendingRead();
        }
    }
}
