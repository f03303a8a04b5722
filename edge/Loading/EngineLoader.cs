using Pipeline.Engines;

namespace Pipeline.Edge.Loading;

/// <summary>Turns a wanted engine into a loaded, warm one.</summary>
internal sealed class EngineLoader(EngineCache cache, IEngineBackend backend, TimeProvider time)
{
    /// <summary>Weights and their packed copies: what a loaded engine takes beside its working memory.</summary>
    public static long MemoryBytesOf(WantedEngine wanted) => 2 * wanted.Engine.SizeBytes;

    /// <exception cref="EngineFaultException">It cannot be had, loaded or run.</exception>
    public async Task<LoadedEngine> LoadAsync(WantedEngine wanted, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        byte[] bytes = await cache.ReadAsync(wanted.Engine, cancellationToken);
        IEngine? engine = null;
        try
        {
            engine = backend.Load(bytes, cancellationToken);
            WarmUp.Run(engine, wanted.Profiles, cancellationToken);
            return new LoadedEngine(engine, wanted.Digest, MemoryBytesOf(wanted), time.GetElapsedTime(started));
        }
        catch (Exception e)
        {
            engine?.Dispose();
            if (e is EngineException refused)
                throw new EngineFaultException(new(EngineFaultKind.LoadFailed, refused.Message), refused);
            throw;
        }
    }

    /// <summary>Forgets engine files that are long out of use.</summary>
    public void Prune(IReadOnlySet<string> digestsInUse) => cache.Prune(digestsInUse);
}
