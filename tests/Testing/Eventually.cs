using System.Diagnostics;

namespace Pipeline.Testing;

/// <summary>Waits on a condition, with a deadline that only a broken test reaches.</summary>
public static class Eventually
{
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold within the deadline.</exception>
    public static async Task Async(
        Func<CancellationToken, Task<bool>> condition,
        string what,
        CancellationToken cancellationToken,
        TimeSpan? deadline = null) =>
        await Async(async c => await condition(c) ? new object() : null, what, cancellationToken, deadline);

    /// <summary>Polls until there is a value, and returns it.</summary>
    /// <exception cref="TimeoutException">There was none within the deadline.</exception>
    public static async Task<T> Async<T>(
        Func<CancellationToken, Task<T?>> probe,
        string what,
        CancellationToken cancellationToken,
        TimeSpan? deadline = null)
        where T : class
    {
        TimeSpan limit = deadline ?? Deadline;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await probe(cancellationToken) is { } value) return value;
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0} s in vain until {what}.");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
