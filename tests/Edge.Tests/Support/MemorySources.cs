using System.Collections.Concurrent;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Sources;

namespace Pipeline.Edge.Tests.Support;

/// <summary>Routes in memory. While it is away every read fails, as storage does.</summary>
internal sealed class MemoryRoutes(string first) : IRouteSource
{
    private readonly ConcurrentDictionary<string, Published> current = new();
    private readonly TaskCompletionSource released = new();
    private string? held;
    private int reads;

    public bool IsAway { get; set; }

    public int Reads => Volatile.Read(ref reads);

    /// <param name="target">Where it is published; null: for the first that the edge follows.</param>
    public void Publish(byte[] blob, string? target = null) =>
        current[target ?? first] = new Published(blob, Guid.NewGuid().ToString());

    /// <summary>Reads of a target wait until <see cref="Release"/>.</summary>
    public void Holds(string target) => held = target;

    public void Release() => released.TrySetResult();

    public async Task<RouteReading> ReadAsync(
        string target, int replica, string? knownETag, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        if (target == held) await released.Task.WaitAsync(cancellationToken);
        if (IsAway) throw new IOException("The storage is away.");
        Published? found = current.GetValueOrDefault(target);
        if (found is null) return RouteReading.Missing;
        return found.ETag == knownETag ? RouteReading.Unchanged(found.ETag) : new RouteReading(found.Blob, found.ETag);
    }

    private sealed record Published(byte[] Blob, string ETag);
}

/// <summary>Engine files in memory, by digest; counts downloads.</summary>
internal sealed class MemoryEngines : IEngineSource
{
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    public ConcurrentQueue<string> Downloads { get; } = new();

    /// <summary>When set, downloads wait for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>While it is away every download fails, as storage does.</summary>
    public bool IsAway { get; set; }

    /// <summary>While set, writing ends as it does on a full disk.</summary>
    public bool IsDiskFull { get; set; }

    public async Task DownloadAsync(RoutedEngine engine, string path, CancellationToken cancellationToken)
    {
        Downloads.Enqueue(engine.EngineDigest);
        if (Gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
        if (IsAway) throw new IOException("The storage is away.");
        if (!Files.TryGetValue(engine.EngineDigest, out byte[]? bytes))
            throw new IOException("There is no such engine.");
        if (IsDiskFull)
        {
            await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)], cancellationToken);
            await File.WriteAllBytesAsync("/dev/full", bytes, cancellationToken);
        }

        await File.WriteAllBytesAsync(path, bytes, cancellationToken);
    }
}

/// <summary>Keeps every report.</summary>
internal sealed class MemoryFleet : IFleetSink
{
    private readonly ConcurrentQueue<FleetReport> reports = new();

    public FleetReport? Last => reports.LastOrDefault();

    public FleetReport? LastOf(string target) => reports.LastOrDefault(r => r.Target == target);

    public void Clear() => reports.Clear();

    public Task ReportAsync(FleetReport report, CancellationToken cancellationToken)
    {
        reports.Enqueue(report);
        return Task.CompletedTask;
    }
}
