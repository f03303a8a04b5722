using System.Collections.Immutable;
using System.Diagnostics;

namespace Pipeline.Edge.Routing;

/// <summary>The one place where what this edge serves changes hands: the applier publishes, requests read.</summary>
internal sealed class EdgeState
{
    private RouteTable table = RouteTable.Empty;
    private ImmutableSortedDictionary<string, string> snapshotFaults = ImmutableSortedDictionary<string, string>.Empty;
    private long requestNumber;
    private long swaps;
    private long lastSwapTicks;
    private long longestSwapTicks;
    private long longestStallTicks;
    private int stopping;

    /// <summary>Raised after something changed that the fleet report tells.</summary>
    public event Action? Changed;

    public RouteTable Table => Volatile.Read(ref table);

    /// <summary>How often an engine took over from another.</summary>
    public long Swaps => Interlocked.Read(ref swaps);

    /// <summary>From the snapshot that named an engine to its first turn, in the last swap.</summary>
    public TimeSpan LastSwap => TimeSpan.FromTicks(Interlocked.Read(ref lastSwapTicks));

    /// <summary>The longest of them.</summary>
    public TimeSpan LongestSwap => TimeSpan.FromTicks(Interlocked.Read(ref longestSwapTicks));

    /// <summary>The longest that the exchange of tables itself took: all that a swap can hold a request up by.</summary>
    public TimeSpan LongestStall => TimeSpan.FromTicks(Interlocked.Read(ref longestStallTicks));

    /// <summary>Why the newest snapshot of any followed target was refused; null when none was.</summary>
    public string? SnapshotFault => Volatile.Read(ref snapshotFaults).Values.FirstOrDefault();

    public bool IsStopping => Volatile.Read(ref stopping) == 1;

    public bool IsReady => !IsStopping && Table.IsReady;

    /// <summary>Why the newest snapshot of a target was refused; null when it was not.</summary>
    public string? SnapshotFaultOf(string target) => Volatile.Read(ref snapshotFaults).GetValueOrDefault(target);

    public void NoteSnapshot(string target, string? fault)
    {
        bool changed = ImmutableInterlocked.Update(
            ref snapshotFaults, known => fault is null ? known.Remove(target) : known.SetItem(target, fault));
        if (changed) Changed?.Invoke();
    }

    public ulong NextRequestNumber() => (ulong)Interlocked.Increment(ref requestNumber);

    public void Stop() => Volatile.Write(ref stopping, 1);

    /// <summary>
    /// From here on every request reads the new table. The models whose stable engine took over from another one.
    /// </summary>
    public ImmutableArray<ModelRoute> Publish(RouteTable next)
    {
        long start = Stopwatch.GetTimestamp();
        RouteTable before = Interlocked.Exchange(ref table, next);
        Longest(ref longestStallTicks, Stopwatch.GetElapsedTime(start));
        ImmutableArray<ModelRoute> swapped = [.. next.Models.Values.Where(m => Swapped(before, m))];
        Interlocked.Add(ref swaps, swapped.Length);
        if (!before.Revisions.SequenceEqual(next.Revisions) || !before.Statuses.SequenceEqual(next.Statuses)) Changed?.Invoke();
        return swapped;
    }

    /// <summary>Called by the applier's loop only.</summary>
    public void CountSwap(TimeSpan duration)
    {
        Interlocked.Exchange(ref lastSwapTicks, duration.Ticks);
        Longest(ref longestSwapTicks, duration);
    }

    private static void Longest(ref long ticks, TimeSpan duration) =>
        Interlocked.Exchange(ref ticks, Math.Max(Interlocked.Read(ref ticks), duration.Ticks));

    private static bool Swapped(RouteTable before, ModelRoute route) =>
        before.Models.TryGetValue(route.Model, out ModelRoute? old) && (old.Stable ?? old.Aside) is { } left
        && route.Stable is not null && left.Engine != route.Stable.Engine;
}
