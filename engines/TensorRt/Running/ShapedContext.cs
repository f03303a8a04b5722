using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>
/// A native context set to one set of shapes, with the CUDA graph that was captured of it. A graph ends with any change to the
/// context that it was captured from, so shapes that shall keep theirs need a context each. One thread at a time.
/// </summary>
internal sealed class ShapedContext : IDisposable
{
    private const long UnknownOutputBytes = 1L << 20;
    private const long UnknownOutputBytesMaximum = 1L << 30;
    private const int GrowthFactor = 4;

    private readonly SharedPlan shared;
    private readonly PlanDescription plan;
    private readonly RunBuffers buffers;
    private readonly ContextHandle handle;
    private readonly InputShapes shapes;
    private readonly long[][] outputShapes;
    private readonly long[] outputBytes;
    private readonly bool hasHostInputs;
    private bool hasShapes;
    private int boundGeneration = -1;
    private CudaGraph? graph;

    /// <exception cref="EngineException">OutOfMemory or RunFailed.</exception>
    public ShapedContext(SharedPlan shared, PlanProfile profile, RunBuffers buffers, CudaStream stream)
    {
        (this.shared, plan, Profile, this.buffers) = (shared, shared.Description, profile, buffers);
        EngineStatus status = ShimMethods.CreateContext(shared.Handle, profile.Number, buffers.Scratch, stream, out handle);
        status.ThrowIfFailed(EngineErrorKind.RunFailed, "No execution context of the engine can be made");
        shapes = new InputShapes(plan.Inputs.Length);
        outputShapes = [.. plan.Outputs.Select(o => new long[o.Description.Shape.Length])];
        outputBytes = new long[plan.Outputs.Length];
        hasHostInputs = plan.Inputs.Any(i => i.IsOnHost);
    }

    public PlanProfile Profile { get; }

    /// <summary>When it ran last, by its owner's count.</summary>
    public long LastUsed { get; set; }

    /// <summary>Runs since it was bound to shapes and addresses.</summary>
    public int Runs { get; private set; }

    /// <summary>Whether the last run was one launch.</summary>
    public bool HasGraph => graph is not null;

    /// <summary>False once a capture has failed, and where an output's size is known only after the run.</summary>
    public bool IsCapturable { get; private set; }

    public bool IsFor(InputShapes asked) => hasShapes && shapes.Equal(asked);

    /// <summary>The shape that the last run gave.</summary>
    public ReadOnlySpan<long> OutputShape(int index) => outputShapes[index];

    /// <summary>The bytes that the last run gave.</summary>
    public long OutputBytes(int index) => outputBytes[index];

    /// <summary>Sets shapes and addresses, unless they are set already.</summary>
    /// <exception cref="EngineException">InvalidInput, OutOfMemory or RunFailed.</exception>
    public void Prepare(InputShapes asked)
    {
        // What the host's inputs say changes shapes, too.
        if (!hasHostInputs && boundGeneration == buffers.Generation && shapes.Equal(asked)) return;
        Unbind();
        for (int i = 0; i < plan.Inputs.Length; i++)
        {
            ShimMethods.SetInput(handle, plan.Inputs[i].Number, NativeShape.Of(asked[i]), buffers.Input(i).Address)
                .ThrowIfFailed(EngineErrorKind.InvalidInput, $"The engine does not take input '{plan.Inputs[i].Name}'");
        }

        bool isKnown = true;
        for (int i = 0; i < plan.Outputs.Length; i++)
        {
            ReadShape(i, ShimMethods.OutputShape(handle, plan.Outputs[i].Number, out NativeShape shape), shape);
            isKnown &= outputBytes[i] >= 0;
            buffers.Fit(buffers.Output(i), outputBytes[i] >= 0 ? outputBytes[i] : Math.Max(UnknownOutputBytes, buffers.Output(i).Capacity));
        }

        for (int i = 0; i < plan.Outputs.Length; i++)
        {
            ShimMethods.SetOutput(handle, plan.Outputs[i].Number, buffers.Output(i).Address, (ulong)buffers.Output(i).Capacity)
                .ThrowIfFailed(EngineErrorKind.RunFailed, $"The engine does not take memory for output '{plan.Outputs[i].Name}'");
        }

        asked.CopyTo(shapes);
        hasShapes = true;
        boundGeneration = buffers.Generation;
        IsCapturable = isKnown && !hasHostInputs;
    }

    /// <summary>Copies in, runs, copies out and waits. Outputs of unknown size get more memory until they fit.</summary>
    /// <exception cref="EngineException">OutOfMemory or RunFailed.</exception>
    public void Run(CudaStream stream, InputShapes asked)
    {
        while (true)
        {
            Prepare(asked);
            EnqueueInputs(stream);
            EngineStatus status = ShimMethods.Enqueue(handle, stream);
            if (status == EngineStatus.Ok) break;
            EngineException failed = ShimErrors.From(status, EngineErrorKind.RunFailed, "The engine does not run");
            boundGeneration = -1;
            if (status != EngineStatus.RunFailed || !HasEnded(stream) || !TryGrowUnknownOutputs()) throw failed;
        }

        EnqueueKnownOutputs(stream);
        stream.Synchronize();
        ReadUnknownOutputs(stream);
        Runs++;
    }

    /// <summary>
    /// Captures what <paramref name="enqueue"/> puts on the stream. False when it cannot be captured, and from then on: the context
    /// runs without, as before. It must have run with these shapes.
    /// </summary>
    public bool TryCapture(CudaStream stream, Action enqueue)
    {
        if (graph is not null) return true;
        if (!IsCapturable || Runs == 0) return false;
        try
        {
            graph = CudaGraph.Capture(stream, enqueue);
            return true;
        }
        catch (Exception e) when (e is CudaException or EngineException)
        {
            IsCapturable = false;
            shared.TellCaptureFailure(e.Message);
            return false;
        }
    }

    /// <summary>Enqueues what was captured.</summary>
    public void Launch(CudaStream stream) => graph!.Launch(stream);

    public void EnqueueAll(CudaStream stream)
    {
        EnqueueInputs(stream);
        EnqueueRun(stream);
        EnqueueKnownOutputs(stream);
    }

    public void EnqueueInputs(CudaStream stream)
    {
        for (int i = 0; i < plan.Inputs.Length; i++)
        {
            long bytes = Tensor.SizeBytesOf(plan.Inputs[i].Type, shapes[i]);
            buffers.Input(i).EnqueueToDevice(stream, bytes);
        }
    }

    /// <exception cref="EngineException">OutOfMemory or RunFailed.</exception>
    public void EnqueueRun(CudaStream stream) =>
        ShimMethods.Enqueue(handle, stream).ThrowIfFailed(EngineErrorKind.RunFailed, "The engine does not run");

    /// <summary>Outputs of known size; after a run that is all of them.</summary>
    public void EnqueueKnownOutputs(CudaStream stream)
    {
        for (int i = 0; i < plan.Outputs.Length; i++)
        {
            if (outputBytes[i] >= 0) buffers.Output(i).EnqueueToHost(stream, outputBytes[i]);
        }
    }

    public void Dispose()
    {
        Unbind();
        handle.Dispose();
    }

    private void Unbind()
    {
        graph?.Dispose();
        graph = null;
        Runs = 0;
        hasShapes = false;
        boundGeneration = -1;
    }

    // The inputs are still on their way; a device that has failed says so here and again at every call from now on.
    private static bool HasEnded(CudaStream stream)
    {
        try
        {
            stream.Synchronize();
            return true;
        }
        catch (CudaException)
        {
            return false;
        }
    }

    private bool TryGrowUnknownOutputs()
    {
        bool hasGrown = false;
        for (int i = 0; i < plan.Outputs.Length; i++)
        {
            TensorBuffer buffer = buffers.Output(i);
            if (outputBytes[i] >= 0 || buffer.Capacity >= UnknownOutputBytesMaximum) continue;
            buffers.Fit(buffer, Math.Min(UnknownOutputBytesMaximum, buffer.Capacity * GrowthFactor));
            hasGrown = true;
        }

        return hasGrown;
    }

    private void ReadUnknownOutputs(CudaStream stream)
    {
        bool hasAny = false;
        for (int i = 0; i < plan.Outputs.Length; i++)
        {
            if (outputBytes[i] >= 0) continue;
            ReadShape(i, ShimMethods.GivenShape(handle, plan.Outputs[i].Number, out NativeShape shape), shape);
            if (outputBytes[i] < 0 || outputBytes[i] > buffers.Output(i).Capacity)
                throw new EngineException(EngineErrorKind.RunFailed, $"The engine gave no shape for output '{plan.Outputs[i].Name}'.");
            buffers.Output(i).EnqueueToHost(stream, outputBytes[i]);
            hasAny = true;
        }

        if (!hasAny) return;
        stream.Synchronize();
        // Unknown again for the next run.
        boundGeneration = -1;
    }

    private unsafe void ReadShape(int output, EngineStatus status, NativeShape shape)
    {
        status.ThrowIfFailed(EngineErrorKind.RunFailed, $"The engine does not tell the shape of output '{plan.Outputs[output].Name}'");
        long[] place = outputShapes[output];
        int rank = Math.Clamp(shape.Count, 0, NativeShape.DimensionsMaximum);
        if (place.Length != rank) place = outputShapes[output] = new long[rank];
        for (int i = 0; i < rank; i++) place[i] = shape.Values[i];
        outputBytes[output] = Tensor.SizeBytesOf(plan.Outputs[output].Type, place);
    }
}
