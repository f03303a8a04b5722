using System.Collections.Concurrent;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;

namespace Pipeline.Edge.Shadowing;

/// <summary>
/// Runs answered requests once more on one engine, a candidate's. A user has the answer already by then, and the engine's
/// lanes take a shadow only when no user waits. Few are under way at a time, so that the copies stay small and a candidate
/// that hangs keeps no other's shadows; the rest are left out and counted so.
/// </summary>
internal sealed class ShadowRunner : IDisposable
{
    private readonly ConcurrentStack<ShadowRun> idle = new([new ShadowRun(), new ShadowRun()]);

    /// <summary>Copies what it needs and returns; the comparison goes on by itself. It never fails.</summary>
    /// <param name="stable">What the engine that answered takes and gives.</param>
    /// <param name="answered">The request with its inputs and outputs; free again when this returns.</param>
    public static void Offer(ShadowRoute route, EngineSignature stable, RunRequest answered, TimeProvider time)
    {
        LoadedEngine engine = route.Candidate.Engine;
        // Freed: the route has moved on, and the candidate is none any more.
        if (engine.TryAcquire()) _ = engine.Shadows.CompareAsync(route, stable, answered, time);
    }

    /// <summary>Called when nobody holds the engine, so that nothing is under way.</summary>
    public void Dispose()
    {
        while (idle.TryPop(out ShadowRun? run)) run.Dispose();
    }

    private async Task CompareAsync(ShadowRoute route, EngineSignature stable, RunRequest answered, TimeProvider time)
    {
        ShadowRun? run = null;
        try
        {
            if (idle.TryPop(out run)) await run.CompareAsync(route, stable, answered, time);
            else route.Candidate.Statistics.CountShadowSkipped();
        }
        catch (Exception)
        {
            // Too large to copy, or no memory left for it: nothing that speaks against the candidate.
            route.Candidate.Statistics.CountShadowSkipped();
        }
        finally
        {
            run?.Trim();
            if (run is not null) idle.Push(run);
            route.Candidate.Engine.Release();
        }
    }
}
