using Pipeline.Edge.Batching;
using Pipeline.Engines;

namespace Pipeline.Edge.Loading;

/// <summary>Turns a wanted engine into a loaded, warm one.</summary>
internal sealed class EngineLoader(EngineCache cache, IEngineBackend backend, EdgeOptions options, TimeProvider time)
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
            EngineScheduler scheduler = Schedule(engine, wanted, cancellationToken);
            return new LoadedEngine(scheduler, wanted.Digest, MemoryBytesOf(wanted), time.GetElapsedTime(started));
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

    private EngineScheduler Schedule(IEngine engine, WantedEngine wanted, CancellationToken cancellationToken)
    {
        var signature = new EngineSignature(engine);
        string? checkFailure = BatchCheck.WhyNot(engine, signature, wanted.Profiles, cancellationToken);
        var plan = BatchPlan.Create(signature, wanted.Profiles, wanted.Batching, checkFailure);
        return new EngineScheduler(engine, plan, checkFailure, options.Lanes, options.MaximumQueuedRequests, time);
    }
}
