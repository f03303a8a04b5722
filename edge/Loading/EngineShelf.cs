using System.Collections.Immutable;
using Pipeline.Core.Routing;

namespace Pipeline.Edge.Loading;

/// <summary>
/// The engines in memory, the one that is being loaded, and the one that is being fetched for it. One of each at a time, off
/// the request path, so that an engine on disk, as a rollback names it, never waits for a download; a load that hangs or fails
/// touches nothing else, and an engine that may have ended an earlier process waits until all others are settled. Called by the
/// applier's loop only; the figures are read by anyone.
/// </summary>
internal sealed partial class EngineShelf : IDisposable
{
    /// <summary>Loads that may hang before this process starts no more: each keeps a thread and memory.</summary>
    private const int StuckLoadsMaximum = 4;

    private static readonly TimeSpan RetryDelayMaximum = TimeSpan.FromMinutes(5);

    /// <summary>The delay starts anew with each process, so it must end within the life of one that is restarted every night.</summary>
    private static readonly TimeSpan CrashDelayMaximum = TimeSpan.FromHours(1);

    private readonly EngineLoader loader;
    private readonly EngineMemory memory;
    private readonly LoadJournal journal;
    private readonly EdgeOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<EngineShelf> logger;
    private readonly Dictionary<string, LoadedEngine> loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FailedLoad> failed = new(StringComparer.Ordinal);
    private Load? fetching;
    private Load? loading;
    private bool needsSpace;

    public EngineShelf(
        EngineLoader loader, EngineMemory memory, LoadJournal journal, EdgeOptions options, TimeProvider time,
        ILogger<EngineShelf> logger)
    {
        (this.loader, this.memory, this.journal, this.options, this.time, this.logger) =
            (loader, memory, journal, options, time, logger);
        Figures.CountFailures(EngineFaultKind.CrashedProcess, journal.Found);
        foreach ((string digest, int crashes) in journal.Crashes)
        {
            TimeSpan delay = CrashDelay(crashes);
            failed[digest] = new FailedLoad(CrashFault(crashes, delay), crashes, time.GetTimestamp(), delay);
        }
    }

    public LoadFigures Figures { get; } = new();

    /// <summary>What the loaded engines take, those included that only their last requests hold.</summary>
    public long MemoryBytes => Figures.LoadedMemoryBytes + Figures.DrainingMemoryBytes + loader.StuckBytes;

    public long Loads => Figures.Loads;

    public long Failures => Figures.Failures;

    public TimeSpan LoadTime => Figures.LoadTime;

    /// <summary>Loads that hung, were left behind and have not ended.</summary>
    public int StuckLoads => loader.StuckLoads;

    public LoadedEngine? Find(string digest) => loaded.GetValueOrDefault(digest);

    /// <summary>Why the last attempt to load this engine failed; null when none has.</summary>
    public EngineFault? FaultOf(string digest) => failed.GetValueOrDefault(digest)?.Fault;

    /// <summary>Whether it has to be fetched first, while there is room for the other one to serve meanwhile.</summary>
    public bool LeavesTimeFor(RoutedEngine awaited, RoutedEngine meanwhile) => !loader.IsOnDisk(awaited)
        && Admit(meanwhile, memory.NeedOf(awaited), replaced: null, out _) == Admission.Load;

    /// <summary>Takes in what has ended.</summary>
    public void Collect()
    {
        Collect(ref fetching);
        Collect(ref loading);
    }

    /// <summary>
    /// Drops what neither serves nor is wanted, and starts the next load. To be called after the table that no longer
    /// names the dropped engines has been published.
    /// </summary>
    /// <param name="wanted">What should be loaded, the most important first.</param>
    /// <param name="serving">Digests that the published table serves with.</param>
    /// <param name="isSwapWaitedFor">Whether requests of that table wait for an engine to take another's place.</param>
    /// <param name="ended">Called, from any thread, when a load has ended.</param>
    public void Settle(
        ImmutableArray<WantedEngine> wanted, IReadOnlySet<string> serving, bool isSwapWaitedFor, Action ended)
    {
        AdvanceSwap(isSwapWaitedFor);
        HashSet<string> keep = [.. serving, .. wanted.Select(w => w.Digest)];
        if (swap is { HasDropped: false }) keep.Add(swap.Old.Digest);
        failedInPlace.IntersectWith(keep);
        foreach (string digest in loaded.Keys.Where(d => !keep.Contains(d)).ToArray()) Drop(digest);
        foreach (string digest in failed.Keys.Where(d => !keep.Contains(d) && !journal.IsSuspect(d)).ToArray())
            failed.Remove(digest);
        foreach (Load load in Current.Where(c => !keep.Contains(c.Wanted.Digest))) load.Cancellation.Cancel();
        if (needsSpace) loader.Prune(keep, needsSpace: true);
        needsSpace = false;
        WantedEngine[] missing = [.. wanted.Where(w => !loaded.ContainsKey(w.Digest))];
        if (missing.Length == 0 && !Current.Any()) loader.Prune(keep, needsSpace: false);
        WantedEngine[] due = [.. missing.Where(w => IsDue(w.Digest))];
        WantedEngine[] trusted = [.. due.Where(w => !journal.IsSuspect(w.Digest))];
        WantedEngine[] next = trusted.Length == 0 && !Current.Any() ? due[..Math.Min(due.Length, 1)] : trusted;
        if (fetching is null && next.FirstOrDefault(w => !loader.IsOnDisk(w.Engine)) is { } far)
            fetching = Start(far, 0, loader.FetchAsync, ended);
        if (loading is null
            && next.FirstOrDefault(w => loader.IsOnDisk(w.Engine) && LeavesRoomForSwap(w, wanted)) is { } near)
        {
            loading = Start(near, BytesKeptBefore(near, wanted), loader.LoadAsync, ended);
        }
    }

    public void Dispose()
    {
        foreach (Load load in Current) load.Cancellation.Cancel();
        foreach (string digest in loaded.Keys.ToArray()) Drop(digest);
        swap?.Dispose();
    }

    private IEnumerable<Load> Current => new[] { fetching, loading }.OfType<Load>();

    private void Collect(ref Load? slot)
    {
        if (slot is not { Task.IsCompleted: true } ended) return;
        slot = null;
        ended.Cancellation.Dispose();
        string digest = ended.Wanted.Digest;
        if (ended.Task.IsFaulted)
        {
            Exception cause = ended.Task.Exception.InnerException!;
            needsSpace |= EngineCache.IsFull(cause.InnerException);
            Fail(digest, (cause as EngineFaultException)?.Fault ?? new EngineFault(
                cause is OutOfMemoryException ? EngineFaultKind.MemoryExceeded : EngineFaultKind.LoadFailed,
                $"It did not load: {cause.Message}"));
        }
        else if (ended.Task is { IsCompletedSuccessfully: true, Result: { } engine })
        {
            loaded[digest] = engine;
            failed.Remove(digest);
            failedInPlace.Remove(digest);
            Figures.CountLoad(engine, ended.Wanted.Engine.SizeBytes);
            Log.EngineLoaded(logger, digest, engine.Engine.Description, engine.LoadTime.TotalSeconds);
        }
        else if (swap is { HasDropped: true } && swap.Digest == digest)
        {
            // To fetch it anew would take too long for the requests that wait: the old one comes back first.
            Fail(digest, new EngineFault(
                EngineFaultKind.CacheFailed, "Its file is no longer what it was; it is fetched again."));
        }
    }

    /// <summary>An engine on disk that goes first leaves room for the one that is being fetched, where that is more important.</summary>
    private long BytesKeptBefore(WantedEngine next, ImmutableArray<WantedEngine> wanted) =>
        wanted.TakeWhile(w => w.Digest != next.Digest).Any(w => w.Digest == fetching?.Wanted.Digest)
            ? memory.NeedOf(fetching!.Wanted.Engine)
            : 0;

    // Monotonic time: a clock that jumps neither hurries a retry nor puts it off.
    private bool IsDue(string digest) => !loader.IsStuck(digest) && Current.All(c => c.Wanted.Digest != digest)
        && (!failed.TryGetValue(digest, out FailedLoad? last) || time.GetElapsedTime(last.FailedAt) >= last.Delay);

    private Load? Start(
        WantedEngine wanted, long keptBytes, Func<WantedEngine, CancellationToken, Task<LoadedEngine?>> work, Action ended)
    {
        bool isFetch = !loader.IsOnDisk(wanted.Engine);
        switch (Admit(wanted.Engine, keptBytes, Replaceable(wanted), out EngineFault? refusal))
        {
            case Admission.Wait:
                // What only drains is soon gone, and every poll of the routes looks again.
                return null;
            case Admission.SwapInPlace when !isFetch:
                BeginSwap(wanted, ended);
                return null;
            case Admission.Refuse when swap is { IsOver: false } && swap.Digest != wanted.Digest:
                // The room is not what it will be.
                return null;
            case Admission.Refuse:
                // What spoke against it in another's place still does; that there is no room beside it is nothing new.
                return Refuse(wanted, ended, failedInPlace.Contains(wanted.Digest) ? FaultOf(wanted.Digest) ?? refusal! : refusal!);
        }

        if (loader.StuckLoads >= StuckLoadsMaximum)
        {
            var fault = new EngineFault(
                EngineFaultKind.LoadTimedOut,
                $"{loader.StuckLoads} loads hang in this process, so that it starts no other; restart the edge.");
            return Refuse(wanted, ended, fault with { IsOfTheEdge = true });
        }

        var cancellation = new CancellationTokenSource();
        Task<LoadedEngine?> task = Task.Run(() => work(wanted, cancellation.Token), cancellation.Token);
        _ = task.ContinueWith(
            _ => ended(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return new Load(wanted, task, cancellation);
    }

    private Admission Admit(RoutedEngine engine, long keptBytes, LoadedEngine? replaced, out EngineFault? refusal)
    {
        refusal = null;
        try
        {
            MemoryRoom room = memory.Room(Figures, loader.StuckBytes, keptBytes);
            long needed = memory.NeedOf(engine);
            Admission admission = room.Admit(needed, replaced?.DeviceMemoryBytes);
            if (admission == Admission.Refuse)
                refusal = new(EngineFaultKind.MemoryExceeded, $"It needs about {needed} bytes; {room.Text}.");
            return admission;
        }
        catch (EngineFaultException e)
        {
            refusal = e.Fault;
            return Admission.Refuse;
        }
    }

    private Load? Refuse(WantedEngine wanted, Action ended, EngineFault fault)
    {
        Fail(wanted.Digest, fault);
        ended();
        return null;
    }

    private void Fail(string digest, EngineFault fault)
    {
        int attempts = (failed.GetValueOrDefault(digest)?.Attempts ?? 0) + 1;
        TimeSpan delay = Doubled(options.RoutePollInterval, attempts - 1, RetryDelayMaximum);
        failed[digest] = new FailedLoad(fault, attempts, time.GetTimestamp(), delay);
        if (swap is { HasDropped: true } && swap.Digest == digest)
        {
            swap.HasFailed = true;
            // A file that is fetched again is another try.
            if (fault.Kind != EngineFaultKind.CacheFailed) failedInPlace.Add(digest);
        }

        Figures.CountFailures(fault.Kind, 1);
        Log.EngineFailed(logger, digest, fault.Kind, fault.Sentence, attempts, delay.TotalSeconds);
    }

    private TimeSpan CrashDelay(int crashes) =>
        crashes == 1
        // Time to read the newest routes, which may have withdrawn it.
        ? options.RoutePollInterval
        : Doubled(options.CrashRetryDelay, crashes - 2, CrashDelayMaximum);

    private static EngineFault CrashFault(int crashes, TimeSpan delay) => new(
        EngineFaultKind.CrashedProcess,
        crashes == 1
            ? "The process ended while it loaded this engine; it is tried again when all others are settled."
            : $"{crashes} processes ended while they loaded this engine; it is tried again when this one has run for " +
                $"{delay.TotalSeconds:0} s.")
    {
        IsOfTheEdge = crashes == 1,
    };

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan maximum)
    {
        TimeSpan delay = first * Math.Pow(2, Math.Min(times, 20));
        return delay > maximum ? maximum : delay;
    }

    private void Drop(string digest)
    {
        loaded.Remove(digest, out LoadedEngine? engine);
        Figures.CountDrop(engine!);
        engine!.Release();
        Log.EngineDropped(logger, digest);
    }

    private sealed record Load(WantedEngine Wanted, Task<LoadedEngine?> Task, CancellationTokenSource Cancellation);

    private sealed record FailedLoad(EngineFault Fault, int Attempts, long FailedAt, TimeSpan Delay);
}
