using System.Collections.Concurrent;
using Pipeline.Core.Routing;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Serving;
using Pipeline.Engines;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Turns a wanted engine into a loaded, warm one. The runtime gets a thread of its own for it: when it does not come
/// back in time it is left behind, and what it may yet bring is freed.
/// </summary>
internal sealed class EngineLoader(
    EngineCache cache, IEngineBackend backend, EngineMemory memory, LoadJournal journal, LastGoodEngines lastGood, AdmissionGate gate,
    EdgeOptions options, TimeProvider time)
{
    /// <summary>What other work of the process may add to the measure of a load.</summary>
    private const long NoiseBytesMaximum = 64L << 20;

    private readonly ConcurrentDictionary<string, long> stuck = new(StringComparer.Ordinal);

    /// <summary>Loads that were left behind and have not ended.</summary>
    public int StuckLoads => stuck.Count;

    /// <summary>What they may have taken.</summary>
    public long StuckBytes => stuck.Values.Sum();

    /// <summary>Whether its file seems to be here, so that loading it needs nobody.</summary>
    public bool IsOnDisk(RoutedEngine engine) => cache.Holds(engine);

    /// <summary>Whether an earlier load of this engine still hangs; another one would hang beside it.</summary>
    public bool IsStuck(string digest) => stuck.ContainsKey(digest);

    /// <summary>Brings its file to disk.</summary>
    /// <returns>Null: it is not loaded yet.</returns>
    /// <exception cref="EngineFaultException">It cannot be had.</exception>
    public async Task<LoadedEngine?> FetchAsync(WantedEngine wanted, CancellationToken cancellationToken)
    {
        await cache.FetchAsync(wanted.Engine, cancellationToken);
        return null;
    }

    /// <returns>Null when its file turns out not to be on disk, or not to be what it was: it is to be fetched.</returns>
    /// <exception cref="EngineFaultException">It cannot be read, loaded or run.</exception>
    public async Task<LoadedEngine?> LoadAsync(WantedEngine wanted, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        if (cache.Open(wanted.Engine, cancellationToken) is not { } bytes) return null;
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<LoadedEngine> running = Task.Factory.StartNew(
            () => Run(wanted, bytes, started, cancellation.Token), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            // Not cancelled with the token: a second load must not start while this one still takes memory.
            return await running.WaitAsync(options.LoadTimeout, time, CancellationToken.None);
        }
        catch (TimeoutException e) when (!running.IsCompleted)
        {
            LeaveBehind(running, wanted);
            await cancellation.CancelAsync();
            throw new EngineFaultException(
                new(EngineFaultKind.LoadTimedOut,
                    $"It was not loaded and warm within {options.LoadTimeout.TotalSeconds:0.#} s and was left behind."),
                e);
        }
    }

    /// <summary>Forgets engine files that are long out of use.</summary>
    /// <param name="digestsInUse">What stays, with the last good engines.</param>
    /// <param name="needsSpace">Keeps no others.</param>
    public void Prune(IEnumerable<string> digestsInUse, bool needsSpace) => cache.Prune(
        digestsInUse.Concat(lastGood.Digests).ToHashSet(StringComparer.Ordinal), needsSpace);

    private LoadedEngine Run(
        WantedEngine wanted, MappedEngine file, long started, CancellationToken cancellationToken)
    {
        IEngine? engine = null;
        using IDisposable mark = journal.Begin(wanted.Digest);
        long? free = memory.ReadFreeBytes();
        try
        {
            long before = Environment.WorkingSet;
            using (file) engine = backend.Load(file.Memory, cancellationToken);
            using var paced = new PacedEngine(engine, gate, time);
            WarmUp.Run(paced, wanted.Profiles, cancellationToken);
            var signature = new EngineSignature(engine);
            string? checkFailure = BatchCheck.WhyNot(paced, signature, wanted.Profiles, cancellationToken);
            // Lanes on a device have working memory and graphs of their own, and what is lazy in them would be paid for by a request.
            BatchPlan plan = BatchPlan.Create(signature, wanted.Profiles, wanted.Batching, checkFailure);
            Action<IEngineContext>? prepare = memory.IsOfADevice
                ? c => WarmUp.Run(c, paced, plan, wanted.Profiles, cancellationToken)
                : null;
            var scheduler = new EngineScheduler(
                engine, checkFailure, options.LanesOf(memory.IsOfADevice), options.MaximumQueuedRequests, time, prepare);
            journal.Forgive(wanted.Digest);
            long bytes = ProcessBytes(wanted, Environment.WorkingSet - before);
            return new LoadedEngine(scheduler, wanted.Digest, bytes, time.GetElapsedTime(started))
            {
                DeviceMemoryBytes = engine.DeviceMemoryBytes > 0 || !memory.IsOfADevice
                    ? engine.DeviceMemoryBytes
                    : memory.NeedOf(wanted.Engine),
            };
        }
        catch (Exception e)
        {
            engine?.Dispose();
            if (EngineFaultException.Of(e, EngineFaultKind.LoadFailed) is not { } fault) throw;
            if (fault.Fault.Kind == EngineFaultKind.MemoryExceeded) memory.NoteTooSmall(wanted.Digest, free);
            throw fault;
        }
    }

    // The growth of the process is a rough measure: requests run beside, and an accelerator's memory is not in it. It
    // may raise the estimate, within bounds, and never lowers it.
    private long ProcessBytes(WantedEngine wanted, long growth)
    {
        long estimate = memory.ProcessBytesOf(wanted.Engine);
        return Math.Clamp(growth, estimate, (2 * estimate) + NoiseBytesMaximum);
    }

    private void LeaveBehind(Task<LoadedEngine> running, WantedEngine wanted)
    {
        stuck[wanted.Digest] = memory.ProcessBytesOf(wanted.Engine);
        _ = running.ContinueWith(
            late =>
            {
                if (late.IsCompletedSuccessfully) late.Result.Release();
                _ = late.Exception;
                stuck.TryRemove(wanted.Digest, out long _);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
