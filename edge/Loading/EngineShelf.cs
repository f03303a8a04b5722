using System.Collections.Immutable;

namespace Pipeline.Edge.Loading;

/// <summary>
/// The engines in memory, and the one that is being loaded. One load at a time, off the request path; a load that hangs
/// or fails touches nothing else. Called by the applier's loop only; the sums are read by anyone.
/// </summary>
internal sealed partial class EngineShelf(
    EngineLoader loader, EdgeOptions options, TimeProvider time, ILogger<EngineShelf> logger) : IDisposable
{
    private static readonly TimeSpan RetryDelayMaximum = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, LoadedEngine> loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FailedLoad> failed = new(StringComparer.Ordinal);
    private Load? current;
    private long memoryBytes;
    private long loads;
    private long failures;
    private long loadTicks;

    public long MemoryBytes => Interlocked.Read(ref memoryBytes);

    public long Loads => Interlocked.Read(ref loads);

    public long Failures => Interlocked.Read(ref failures);

    public TimeSpan LoadTime => TimeSpan.FromTicks(Interlocked.Read(ref loadTicks));

    public LoadedEngine? Find(string digest) => loaded.GetValueOrDefault(digest);

    /// <summary>Why the last attempt to load this engine failed; null when none has.</summary>
    public EngineFault? FaultOf(string digest) => failed.GetValueOrDefault(digest)?.Fault;

    /// <summary>Takes in a load that has ended.</summary>
    public void Collect()
    {
        if (current is not { Task.IsCompleted: true } ended) return;
        current = null;
        ended.Cancellation.Dispose();
        string digest = ended.Wanted.Digest;
        if (ended.Task.IsCompletedSuccessfully)
        {
            LoadedEngine engine = ended.Task.Result;
            loaded[digest] = engine;
            failed.Remove(digest);
            Interlocked.Add(ref memoryBytes, engine.MemoryBytes);
            Interlocked.Increment(ref loads);
            Interlocked.Add(ref loadTicks, engine.LoadTime.Ticks);
            Log.EngineLoaded(logger, digest, engine.LoadTime.TotalSeconds);
        }
        else if (ended.Task.IsFaulted)
        {
            Exception cause = ended.Task.Exception.InnerException!;
            Fail(digest, (cause as EngineFaultException)?.Fault
                ?? new EngineFault(EngineFaultKind.LoadFailed, $"It did not load: {cause.Message}"));
        }
    }

    /// <summary>
    /// Drops what neither serves nor is wanted, and starts the next load. To be called after the table that no longer
    /// names the dropped engines has been published.
    /// </summary>
    /// <param name="wanted">What should be loaded, the most important first.</param>
    /// <param name="serving">Digests that the published table serves with.</param>
    /// <param name="ended">Called, from any thread, when a load has ended.</param>
    public void Settle(ImmutableArray<WantedEngine> wanted, IReadOnlySet<string> serving, Action ended)
    {
        HashSet<string> keep = [.. serving, .. wanted.Select(w => w.Digest)];
        foreach (string digest in loaded.Keys.Where(d => !keep.Contains(d)).ToArray()) Drop(digest);
        foreach (string digest in failed.Keys.Where(d => !keep.Contains(d)).ToArray()) failed.Remove(digest);
        if (current is not null)
        {
            if (!keep.Contains(current.Wanted.Digest)) current.Cancellation.Cancel();
            return;
        }

        WantedEngine? next = wanted.FirstOrDefault(w => !loaded.ContainsKey(w.Digest) && IsDue(w.Digest));
        if (next is not null) Start(next, ended);
        else if (wanted.All(w => loaded.ContainsKey(w.Digest))) loader.Prune(keep);
    }

    public void Dispose()
    {
        current?.Cancellation.Cancel();
        foreach (string digest in loaded.Keys.ToArray()) Drop(digest);
    }

    private bool IsDue(string digest) =>
        !failed.TryGetValue(digest, out FailedLoad? last) || time.GetUtcNow() >= last.RetryAt;

    private void Start(WantedEngine wanted, Action ended)
    {
        long needed = EngineLoader.MemoryBytesOf(wanted);
        if (MemoryBytes + needed > options.MemoryLimitBytes)
        {
            Fail(wanted.Digest, new EngineFault(
                EngineFaultKind.MemoryExceeded,
                $"It needs about {needed} bytes beside the {MemoryBytes} in use; the limit is " +
                $"{options.MemoryLimitBytes}."));
            ended();
            return;
        }

        var cancellation = new CancellationTokenSource();
        Task<LoadedEngine> task = Task.Run(() => loader.LoadAsync(wanted, cancellation.Token), cancellation.Token);
        current = new Load(wanted, task, cancellation);
        _ = task.ContinueWith(
            _ => ended(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Fail(string digest, EngineFault fault)
    {
        int attempts = (failed.GetValueOrDefault(digest)?.Attempts ?? 0) + 1;
        TimeSpan delay = options.RoutePollInterval * Math.Pow(2, Math.Min(attempts - 1, 20));
        if (delay > RetryDelayMaximum) delay = RetryDelayMaximum;
        failed[digest] = new FailedLoad(fault, attempts, time.GetUtcNow() + delay);
        Interlocked.Increment(ref failures);
        Log.EngineFailed(logger, digest, fault.Kind, fault.Sentence, attempts, delay.TotalSeconds);
    }

    private void Drop(string digest)
    {
        loaded.Remove(digest, out LoadedEngine? engine);
        Interlocked.Add(ref memoryBytes, -engine!.MemoryBytes);
        engine.Release();
        Log.EngineDropped(logger, digest);
    }

    private sealed record Load(WantedEngine Wanted, Task<LoadedEngine> Task, CancellationTokenSource Cancellation);

    private sealed record FailedLoad(EngineFault Fault, int Attempts, DateTimeOffset RetryAt);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Engine '{Digest}' is loaded and warm after {Seconds:0.000} s.")]
        public static partial void EngineLoaded(ILogger logger, string digest, double seconds);

        [LoggerMessage(LogLevel.Warning,
            "Engine '{Digest}' is not served, {Kind}: {Sentence} Attempt {Attempt}; the next one in {Seconds:0.0} s.")]
        public static partial void EngineFailed(
            ILogger logger, string digest, EngineFaultKind kind, string sentence, int attempt, double seconds);

        [LoggerMessage(LogLevel.Information, "Engine '{Digest}' has left the routes; it ends with its last request.")]
        public static partial void EngineDropped(ILogger logger, string digest);
    }
}
