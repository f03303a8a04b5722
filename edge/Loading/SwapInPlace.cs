namespace Pipeline.Edge.Loading;

/// <summary>
/// A new engine takes the place of a model's old one, since the device has no room for both. From the moment that it is
/// published, new requests of the model wait; the old engine ends with its last request, and then the new one is loaded. Nobody
/// waits for longer than the settings allow. Changed by the applier's loop only; requests wait on it.
/// </summary>
internal sealed class SwapInPlace(string model, string digest, LoadedEngine old, int waitersMaximum, long startedAt) : IDisposable
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int waiters;

    public string Model { get; } = model;

    /// <summary>The engine that is to come.</summary>
    public string Digest { get; } = digest;

    /// <summary>The engine that makes room.</summary>
    public LoadedEngine Old { get; } = old;

    public long StartedAt { get; } = startedAt;

    /// <summary>Calls the applier's loop now and then.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Whether the old engine has left the shelf; before that it can go on.</summary>
    public bool HasDropped { get; set; }

    /// <summary>Whether the new engine did not load: the old one is to come back.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Whether no table that is built from now on lets requests wait for it.</summary>
    public bool IsOver { get; set; }

    /// <summary>When requests that waited may look again.</summary>
    public Task Ended => ended.Task;

    /// <summary>Lets one request wait; false when as many wait as may.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref waiters) <= waitersMaximum) return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref waiters);

    /// <summary>Lets the requests go on.</summary>
    public void Dispose()
    {
        IsOver = true;
        Timer?.Dispose();
        ended.TrySetResult();
    }
}
