using System.Runtime.InteropServices;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// What all runs of one engine on CUDA share: its session, and the stream that the session computes on. The provider's cuDNN and
/// cuBLAS handles belong to that stream, so one run at a time is enqueued (<see cref="Enqueuing"/>); what is enqueued goes on while
/// the next one is.
/// </summary>
internal class OrtCuda
{
    /// <summary>ONNX Runtime's name of the device's memory.</summary>
    public const string MemoryName = "Cuda";

    private const string GraphEntry = "gpu_graph_id";
    private const string NoGraph = "-1";

    private readonly List<long> shapes = [];
    private long bufferBytes;
    private int lastGraph;
    private bool hasCaptured;

    /// <param name="session">Takes over all that is given and made here.</param>
    /// <param name="memory">Of the device.</param>
    /// <param name="graphs">Whether the session captures runs that name a graph.</param>
    public OrtCuda(
        OrtLibrary library, OrtSessionHandle session, CudaStream stream, OrtMemoryInfoHandle memory, int device, bool graphs)
    {
        (Library, Session, Stream, Memory, Device) = (library, session, stream, memory, device);
        (CapturesRuns, HasGraphs) = (graphs, graphs);
        EnqueueOptions = CreateOptions(waits: false, graphs ? NoGraph : null);
        session.Keep(stream);
        session.Keep(memory);
        session.Keep(EnqueueOptions);
    }

    public OrtLibrary Library { get; }

    public OrtSessionHandle Session { get; }

    public CudaStream Stream { get; }

    public OrtMemoryInfoHandle Memory { get; }

    /// <summary>Ordinal of the GPU.</summary>
    public int Device { get; }

    /// <summary>Held while a run is enqueued.</summary>
    public Lock Enqueuing { get; } = new();

    /// <summary>Options of a run that returns before the device is done.</summary>
    public OrtRunOptionsHandle EnqueueOptions { get; }

    /// <summary>
    /// Whether the session captures runs. A graph writes to memory that the runtime gives to other runs, too: all that is on the
    /// device then has to be ordered on the one stream, outputs included.
    /// </summary>
    public bool CapturesRuns { get; }

    /// <summary>Whether runs may still be captured; false once one could not be.</summary>
    public bool HasGraphs { get; private set; }

    /// <summary>Why runs are no longer captured; null while nothing failed.</summary>
    public string? CaptureFailure { get; private set; }

    /// <summary>Device memory of inputs and outputs, in bytes.</summary>
    public long BufferBytes => Interlocked.Read(ref bufferBytes);

    public void CountBuffer(long bytes) => Interlocked.Add(ref bufferBytes, bytes);

    /// <summary>Options of a run that waits for the device and is no graph.</summary>
    public OrtRunOptionsHandle CreateWaitingOptions() => CreateOptions(waits: true, NoGraph);

    /// <summary>Options of runs that are one graph: the first captures it, the others replay it.</summary>
    public OrtRunOptionsHandle CreateGraphOptions() =>
        // 0 is the runtime's own.
        CreateOptions(waits: false, $"{Interlocked.Increment(ref lastGraph)}");

    /// <summary>Enqueues one run of a binding; the caller holds <see cref="Enqueuing"/>.</summary>
    public virtual OrtStatus Run(OrtRunOptionsHandle options, nint binding) =>
        Library.Api.RunBound(Session.DangerousGetHandle(), options.DangerousGetHandle(), binding);

    /// <summary>Where an output is on the device.</summary>
    public virtual unsafe nint AddressOf(nint value, int bytes) => (nint)Library.Api.DataOf(value);

    /// <summary>
    /// Where runs are captured, told of the shapes of each before it is enqueued, under <see cref="Enqueuing"/>. The provider keeps
    /// one plan for each convolution, and with the plan of other shapes go the kernels that a graph launches: no graph is replayed
    /// after that.
    /// </summary>
    /// <param name="next">For each input its rank and its dimensions.</param>
    public void Follow(ReadOnlySpan<long> next)
    {
        if (next.SequenceEqual(CollectionsMarshal.AsSpan(shapes))) return;
        if (hasCaptured) EndGraphs("runs of other shapes came");
        shapes.Clear();
        shapes.AddRange(next);
    }

    public void CountCapture() => hasCaptured = true;

    public void GiveUpGraphs(string why)
    {
        EndGraphs(why);
        Stream.AbandonCapture();
    }

    private void EndGraphs(string why)
    {
        CaptureFailure ??= why;
        HasGraphs = false;
    }

    private OrtRunOptionsHandle CreateOptions(bool waits, string? graph)
    {
        OrtRunOptionsHandle options = Library.Api.CreateRunOptions();
        if (!waits) Library.Api.AddRunEntry(options, "disable_synchronize_execution_providers", "1");
        if (graph is not null) Library.Api.AddRunEntry(options, GraphEntry, graph);
        return options;
    }
}
