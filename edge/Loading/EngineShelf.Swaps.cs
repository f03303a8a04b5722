using System.Collections.Immutable;

namespace Pipeline.Edge.Loading;

/// <summary>Engines that take the place of others where a device has no room for both.</summary>
internal sealed partial class EngineShelf
{
    /// <summary>How often it is looked whether the old engine has ended.</summary>
    private static readonly TimeSpan SwapLookInterval = TimeSpan.FromMilliseconds(20);

    // Tried in the place of an old engine and failed there: once is enough, for each try stops the model's requests.
    private readonly HashSet<string> failedInPlace = new(StringComparer.Ordinal);
    private SwapInPlace? swap;

    private long swapsInPlace;

    /// <summary>Swaps in place that were begun.</summary>
    public long SwapsInPlace => Interlocked.Read(ref swapsInPlace);

    /// <summary>What the requests of a model wait for while neither its old nor its new engine is in memory; null: nothing.</summary>
    public SwapInPlace? SwapOf(string model) => swap is { IsOver: false } && swap.Model == model ? swap : null;

    /// <summary>The engine whose place another may take; null where it may not, or where the old one could not come back.</summary>
    private LoadedEngine? Replaceable(WantedEngine wanted) =>
        options.DeviceMemoryShortage == DeviceMemoryShortage.Drain && memory.IsOfADevice && swap is null
        && wanted.Replaces is { } old && loader.IsOnDisk(old.Routed) && loaded.GetValueOrDefault(old.Engine.Digest) == old.Engine
        && !journal.IsSuspect(wanted.Digest) && !failedInPlace.Contains(wanted.Digest) && loader.StuckLoads == 0
            ? old.Engine
            : null;

    private void BeginSwap(WantedEngine wanted, Action ended)
    {
        ReplacedEngine old = wanted.Replaces!;
        swap = new SwapInPlace(old.Model, wanted.Digest, old.Engine, options.MaximumQueuedRequests, time.GetTimestamp());
        swap.Timer = time.CreateTimer(_ => ended(), null, TimeSpan.Zero, SwapLookInterval);
        Interlocked.Increment(ref swapsInPlace);
        Log.SwapBegun(logger, wanted.Digest, old.Engine.Digest, old.Model);
    }

    /// <summary>What may be loaded now: until the place is taken, nothing else takes the room that is made for it.</summary>
    private bool LeavesRoomForSwap(WantedEngine next, ImmutableArray<WantedEngine> wanted) =>
        swap is not { IsOver: false, HasFailed: false } || wanted.All(w => w.Digest != swap.Digest)
        || (swap.HasDropped && next.Digest == swap.Digest);

    /// <param name="isWaitedFor">
    /// Whether the published table, which was built since the swap began, lets requests wait for it.
    /// </param>
    private void AdvanceSwap(bool isWaitedFor)
    {
        if (swap is null) return;
        TimeSpan waited = time.GetElapsedTime(swap.StartedAt);
        if (!isWaitedFor)
        {
            Log.SwapEnded(logger, swap.Digest, swap.Model, waited.TotalSeconds);
            swap.Dispose();
            swap = null;
        }
        else if (!swap.HasDropped && swap.Old.IsIdle)
        {
            swap.HasDropped = true;
            Drop(swap.Old.Digest);
        }
        else if (!swap.HasDropped && waited > options.SwapTimeout / 2)
        {
            Fail(swap.Digest, new EngineFault(
                EngineFaultKind.MemoryExceeded,
                $"The engine whose place it is to take has requests that did not end within {waited.TotalSeconds:0.#} s; it goes on."));
            swap.IsOver = true;
        }
        else if (waited > options.SwapTimeout)
        {
            swap.IsOver = true;
        }
    }
}
