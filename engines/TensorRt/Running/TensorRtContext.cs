using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>
/// A lane on a stream of its own: inputs go through pinned memory to the device, outputs come back through it. Shapes that come again
/// find their native context set, and from the third run on are one launch of a CUDA graph, copies included.
/// </summary>
internal sealed unsafe class TensorRtContext : IEngineContext
{
    private readonly SharedPlan shared;
    private readonly PlanDescription plan;
    private readonly CudaStream stream;
    private readonly RunBuffers buffers;
    private readonly ShapedContexts contexts;
    private readonly InputShapes shapes;
    private readonly bool[] isSet;
    private ShapedContext? ran;
    private bool isDisposed;

    /// <exception cref="EngineException">OutOfMemory or RunFailed.</exception>
    public TensorRtContext(SharedPlan held)
    {
        shared = held.Hold();
        plan = shared.Description;
        shapes = new InputShapes(plan.Inputs.Length);
        isSet = new bool[plan.Inputs.Length];
        try
        {
            CudaDevices.Use(shared.Options.Device);
            stream = new CudaStream();
            buffers = new RunBuffers(plan);
            contexts = new ShapedContexts(shared, buffers, stream);
        }
        catch (Exception e)
        {
            stream?.Dispose();
            buffers?.Dispose();
            shared.Release();
            if (e is CudaException cuda) throw ShimErrors.From(cuda, "No execution context of the engine can be made");
            throw;
        }
    }

    /// <summary>Whether the last run was the launch of a graph.</summary>
    internal bool HasLaunchedGraph { get; private set; }

    public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        PlanTensor input = plan.Inputs[index];
        if (Tensor.SizeBytesOf(input.Type, shape) != sizeBytes) throw WrongSize(input, sizeBytes, shape);
        // Before memory is taken for it.
        if (!IsTaken(index, shape)) throw WrongShape(index, shape);
        isSet[index] = false;
        UseDevice();
        TensorBuffer buffer = buffers.Input(index);
        buffers.Fit(buffer, sizeBytes);
        new ReadOnlySpan<byte>((void*)data, (int)sizeBytes).CopyTo(buffer.Span);
        shapes.Set(index, shape);
        isSet[index] = true;
    }

    public void Run()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        ran = null;
        int missing = Array.IndexOf(isSet, false);
        Array.Clear(isSet);
        if (missing >= 0)
            throw new EngineException(EngineErrorKind.InvalidInput, $"Input '{plan.Inputs[missing].Name}' is missing.");
        UseDevice();
        try
        {
            ShapedContext context = contexts.For(shapes);
            context.Prepare(shapes);
            HasLaunchedGraph = IsCaptured(context);
            if (HasLaunchedGraph) Launch(context);
            else context.Run(stream, shapes);
            ran = context;
        }
        catch (CudaException e)
        {
            throw ShimErrors.From(e, "The engine does not run");
        }
    }

    public ElementType OutputType(int index) => plan.Outputs[index].Type;

    public ReadOnlySpan<long> OutputShape(int index) => Ran.OutputShape(index);

    public ReadOnlySpan<byte> OutputData(int index) => buffers.Output(index).Span[..checked((int)Ran.OutputBytes(index))];

    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        ran = null;
        contexts.Dispose();
        buffers.Dispose();
        stream.Dispose();
        shared.Release();
    }

    private ShapedContext Ran
    {
        get
        {
            ObjectDisposedException.ThrowIf(isDisposed || ran is null, this);
            return ran;
        }
    }

    private bool IsCaptured(ShapedContext context) =>
        context.HasGraph || (shared.Options.CudaGraphs > 0 && context.IsCapturable && context.Runs > 1 && TryCapture(context));

    private bool TryCapture(ShapedContext context) => context.TryCapture(stream, () => context.EnqueueAll(stream));

    private void Launch(ShapedContext context)
    {
        context.Launch(stream);
        stream.Synchronize();
    }

    // The device is the thread's, and lanes change threads.
    private void UseDevice()
    {
        try
        {
            CudaDevices.Use(shared.Options.Device);
        }
        catch (CudaException e)
        {
            throw ShimErrors.From(e, $"GPU {shared.Options.Device} cannot be used");
        }
    }

    private bool IsTaken(int index, ReadOnlySpan<long> shape)
    {
        foreach (PlanProfile profile in plan.Profiles)
        {
            if (profile.Fits(index, shape)) return true;
        }

        return false;
    }

    private EngineException WrongShape(int index, ReadOnlySpan<long> shape) => new(
        EngineErrorKind.InvalidInput,
        $"Input '{plan.Inputs[index].Name}' has shape [{string.Join(", ", shape.ToArray())}]; the engine was built for "
        + $"{string.Join(" or ", plan.Profiles.Select(p => p.Text(index)))}.");

    private static EngineException WrongSize(PlanTensor input, long sizeBytes, ReadOnlySpan<long> shape) => new(
        EngineErrorKind.InvalidInput,
        $"Input '{input.Name}' of type {input.Type.ProtocolName()} and shape [{string.Join(", ", shape.ToArray())}] "
        + $"does not fit its {sizeBytes} bytes of data.");
}
