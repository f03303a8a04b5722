namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Runs of one binding as a graph. The first run is plain and tells the outputs' shapes; one later run is captured, when it can be
/// alone; from then on it is replayed. The runtime keeps graphs by thread: another thread captures its own.
/// </summary>
internal sealed class OrtCudaGraph(OrtCuda cuda) : IDisposable
{
    private readonly OrtRunOptionsHandle options = cuda.CreateGraphOptions();
    private int capturedBy;
    private bool hasRun;

    /// <summary>Whether this thread's runs are replayed.</summary>
    public bool IsCaptured => capturedBy == Environment.CurrentManagedThreadId;

    public bool WantsCapture => hasRun && cuda.HasGraphs && !IsCaptured;

    /// <summary>Counts a plain run.</summary>
    public void CountRun() => hasRun = true;

    /// <summary>Captures the run, or replays it. False when it cannot be captured: from then on nothing is.</summary>
    /// <exception cref="EngineException">InvalidInput or RunFailed, of a replay.</exception>
    public bool TryRun(nint binding)
    {
        OrtStatus status = cuda.Run(options, binding);
        if (status.IsOk)
        {
            capturedBy = Environment.CurrentManagedThreadId;
            return true;
        }

        if (IsCaptured) throw OrtCudaTensors.Refused(status, OrtCudaTensors.DoesNotRun);
        cuda.GiveUpGraphs(status.Message);
        return false;
    }

    public void Dispose() => options.Dispose();
}
