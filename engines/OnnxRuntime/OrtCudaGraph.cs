namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Runs of one binding as a graph. The first run is plain and tells the outputs' shapes; one later run is captured, when it can be
/// alone; from then on it is replayed. The runtime keeps graphs by thread: another thread captures its own.
/// </summary>
internal sealed class OrtCudaGraph(OrtCuda cuda) : IDisposable
{
    private readonly OrtRunOptionsHandle options = cuda.CreateGraphOptions();
    private int capturedBy;

    public bool HasRun { get; private set; }

    /// <summary>Whether the outputs have addresses that stay.</summary>
    public bool AreOutputsFixed { get; set; }

    public bool WantsCapture => HasRun && cuda.HasGraphs && capturedBy != Environment.CurrentManagedThreadId;

    public void CountRun() => HasRun = true;

    /// <param name="alone">Whether it may be a capture.</param>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public void Run(nint binding, bool alone)
    {
        bool captured = capturedBy == Environment.CurrentManagedThreadId;
        if (captured || (alone && cuda.HasGraphs))
        {
            OrtStatus status = cuda.Run(options, binding);
            if (status.IsOk)
            {
                capturedBy = Environment.CurrentManagedThreadId;
                return;
            }

            if (captured) throw OrtCudaTensors.Refused(status, OrtCudaTensors.DoesNotRun);
            cuda.GiveUpGraphs(status.Message);
        }

        OrtStatus plain = cuda.Run(cuda.EnqueueOptions, binding);
        if (!plain.IsOk) throw OrtCudaTensors.Refused(plain, OrtCudaTensors.DoesNotRun);
    }

    public void Dispose() => options.Dispose();
}
