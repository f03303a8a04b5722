namespace Pipeline.Edge.Loading;

/// <summary>What loading engines has cost since the process started. Written by the shelf, read by anyone.</summary>
internal sealed class LoadFigures
{
    private readonly long[] failures = new long[Enum.GetValues<EngineFaultKind>().Length];
    private LoadedEngine[] dropped = [];
    private long loads;
    private long loadTicks;
    private long longestLoadTicks;
    private long loadedBytes;
    private long memoryBytes;
    private long deviceMemoryBytes;

    /// <summary>Engines loaded and warm, those dropped since included.</summary>
    public long Loads => Interlocked.Read(ref loads);

    /// <summary>Check, load and warm-up of all of them together, without the downloads.</summary>
    public TimeSpan LoadTime => TimeSpan.FromTicks(Interlocked.Read(ref loadTicks));

    public TimeSpan LongestLoad => TimeSpan.FromTicks(Interlocked.Read(ref longestLoadTicks));

    /// <summary>Bytes of their files.</summary>
    public long LoadedBytes => Interlocked.Read(ref loadedBytes);

    public long Failures => FailuresByKind.Sum(f => f.Value);

    /// <summary>Attempts that failed, and crashes of earlier processes that this one found.</summary>
    public IEnumerable<KeyValuePair<EngineFaultKind, long>> FailuresByKind => Enum.GetValues<EngineFaultKind>()
        .Select(kind => KeyValuePair.Create(kind, Interlocked.Read(ref failures[(int)kind])));

    /// <summary>Memory of the engines on the shelf.</summary>
    public long LoadedMemoryBytes => Interlocked.Read(ref memoryBytes);

    /// <summary>Engines that have left the shelf and that requests in flight still hold.</summary>
    public int Draining => Dropped.Count(e => !e.IsFreed);

    /// <summary>Their memory.</summary>
    public long DrainingMemoryBytes => Dropped.Where(e => !e.IsFreed).Sum(e => e.MemoryBytes);

    /// <summary>Device memory of the engines on the shelf.</summary>
    public long LoadedDeviceMemoryBytes => Interlocked.Read(ref deviceMemoryBytes);

    /// <summary>Device memory of engines that have left the shelf, until it is free.</summary>
    public long DrainingDeviceMemoryBytes => Dropped.Where(e => !e.HasEnded).Sum(e => e.DeviceMemoryBytes);

    private LoadedEngine[] Dropped => Volatile.Read(ref dropped);

    public void CountLoad(LoadedEngine engine, long fileBytes)
    {
        Interlocked.Increment(ref loads);
        Interlocked.Add(ref loadTicks, engine.LoadTime.Ticks);
        Interlocked.Exchange(ref longestLoadTicks, Math.Max(LongestLoad.Ticks, engine.LoadTime.Ticks));
        Interlocked.Add(ref loadedBytes, fileBytes);
        Interlocked.Add(ref memoryBytes, engine.MemoryBytes);
        Interlocked.Add(ref deviceMemoryBytes, engine.DeviceMemoryBytes);
    }

    public void CountDrop(LoadedEngine engine)
    {
        Interlocked.Add(ref memoryBytes, -engine.MemoryBytes);
        Interlocked.Add(ref deviceMemoryBytes, -engine.DeviceMemoryBytes);
        Volatile.Write(ref dropped, [.. Dropped.Where(e => !e.HasEnded), engine]);
    }

    public void CountFailures(EngineFaultKind kind, long count) => Interlocked.Add(ref failures[(int)kind], count);
}
