using Pipeline.Edge.Batching;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Shadowing;
using Pipeline.Engines;

namespace Pipeline.Edge.Loading;

/// <summary>
/// An engine in memory, counted by reference: the shelf holds one reference, every request in flight another. Whoever
/// lets go last frees it, so that an engine that left the routes ends after its last request and never under it.
/// </summary>
internal sealed class LoadedEngine(EngineScheduler scheduler, string digest, long memoryBytes, TimeSpan loadTime)
{
    private int references = 1;

    /// <summary>What runs it; ends with the last reference.</summary>
    public EngineScheduler Scheduler { get; } = scheduler;

    /// <summary>What the metrics tell of it.</summary>
    public IEngineGauges? Gauges { get; init; } = scheduler;

    /// <summary>What runs it beside another; ends with the last reference too.</summary>
    public ShadowRunner Shadows { get; } = new();

    public IEngine Engine => Scheduler.Engine;

    public string Digest { get; } = digest;

    /// <summary>Estimate of what it takes of the process's memory, that admission counts with.</summary>
    public long MemoryBytes { get; } = memoryBytes;

    /// <summary>What it takes of the device's memory; 0 on processors.</summary>
    public long DeviceMemoryBytes { get; init; }

    /// <summary>Check, load and warm-up together, without the download.</summary>
    public TimeSpan LoadTime { get; } = loadTime;

    /// <summary>Whether the shelf alone holds it: no request is in flight.</summary>
    public bool IsIdle => Volatile.Read(ref references) == 1;

    /// <summary>Whether its memory is back: freed, and its lanes have ended.</summary>
    public bool HasEnded => Scheduler.HasEnded;

    public bool IsFreed => Volatile.Read(ref references) == 0;

    /// <summary>
    /// Takes a reference; false when the engine is already freed, and then the caller reads the routes again.
    /// </summary>
    public bool TryAcquire()
    {
        int seen = Volatile.Read(ref references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref references, seen + 1, seen);
            if (before == seen) return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Gives one reference back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref references) != 0) return;
        Scheduler.Dispose();
        Shadows.Dispose();
    }
}
