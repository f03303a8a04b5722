using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;

namespace Pipeline.Edge.Shadowing;

/// <summary>
/// Runs answered requests once more on the candidate. A user has the answer already by then, and the candidate's lanes take
/// a shadow only when no user waits. Few are under way at a time; the others are left out and counted so.
/// </summary>
internal sealed class ShadowRunner : IDisposable
{
    private const int RunsMaximum = 2;

    private readonly Lock sync = new();
    private readonly Stack<ShadowRun> idle = new();
    private bool isDisposed;

    public ShadowRunner()
    {
        for (int i = 0; i < RunsMaximum; i++) idle.Push(new ShadowRun());
    }

    /// <summary>Copies what it needs and returns; the comparison goes on by itself.</summary>
    /// <param name="stable">What the engine that answered takes and gives.</param>
    /// <param name="answered">The request with its inputs and outputs; free again when this returns.</param>
    public void Offer(ShadowRoute route, EngineSignature stable, RunRequest answered, TimeProvider time)
    {
        LoadedEngine engine = route.Candidate.Engine;
        if (Rent() is not { } run)
        {
            route.Candidate.Statistics.CountShadowSkipped();
            return;
        }

        // Freed: the route has moved on, and the candidate is none any more.
        if (!engine.TryAcquire())
        {
            Return(run);
            return;
        }

        _ = CompareAsync(run, run.StartAsync(route, stable, answered, time), engine);
    }

    public void Dispose()
    {
        lock (sync)
        {
            isDisposed = true;
            while (idle.TryPop(out ShadowRun? run)) run.Dispose();
        }
    }

    private async Task CompareAsync(ShadowRun run, Task comparing, LoadedEngine engine)
    {
        try
        {
            await comparing;
        }
        finally
        {
            engine.Release();
            Return(run);
        }
    }

    private ShadowRun? Rent()
    {
        lock (sync) return idle.TryPop(out ShadowRun? run) ? run : null;
    }

    private void Return(ShadowRun run)
    {
        lock (sync)
        {
            if (!isDisposed)
            {
                idle.Push(run);
                return;
            }
        }

        run.Dispose();
    }
}
