namespace Pipeline.Edge.Routing;

/// <summary>The one place where what this edge serves changes hands: the applier publishes, requests read.</summary>
internal sealed class EdgeState
{
    private RouteTable table = RouteTable.Empty;
    private string? snapshotFault;
    private long requestNumber;
    private long swaps;
    private int stopping;

    /// <summary>Raised after something changed that the fleet report tells.</summary>
    public event Action? Changed;

    public RouteTable Table => Volatile.Read(ref table);

    /// <summary>How often an engine took over from another.</summary>
    public long Swaps => Interlocked.Read(ref swaps);

    /// <summary>Why the newest snapshot was refused; null when it was not.</summary>
    public string? SnapshotFault
    {
        get => Volatile.Read(ref snapshotFault);
        set
        {
            if (Interlocked.Exchange(ref snapshotFault, value) != value) Changed?.Invoke();
        }
    }

    public bool IsStopping => Volatile.Read(ref stopping) == 1;

    public bool IsReady => !IsStopping && Table.IsReady;

    public ulong NextRequestNumber() => (ulong)Interlocked.Increment(ref requestNumber);

    public void Stop() => Volatile.Write(ref stopping, 1);

    /// <summary>From here on every request reads the new table.</summary>
    public void Publish(RouteTable next)
    {
        RouteTable before = Interlocked.Exchange(ref table, next);
        Interlocked.Add(ref swaps, next.Models.Values.Count(m => Swapped(before, m)));
        if (before.Revision != next.Revision || !before.Statuses.SequenceEqual(next.Statuses)) Changed?.Invoke();
    }

    private static bool Swapped(RouteTable before, ModelRoute route) =>
        before.Models.TryGetValue(route.Model, out ModelRoute? old) && old.Stable is not null
            && route.Stable is not null
        && old.Stable.Engine != route.Stable.Engine;
}
