using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>
/// Runs on the same inputs, phase by phase, with memory and a native context of its own. Made ready by two whole runs; the inference
/// is a CUDA graph where serving would use one, as trtexec has it: without the copies. The engine must outlive it.
/// </summary>
internal sealed class TensorRtStreamedRun : IStreamedRun
{
    private const int RunsBefore = 2;

    private readonly SharedPlan shared;
    private readonly RunBuffers? buffers;
    private readonly ShapedContexts? contexts;
    private readonly ShapedContext context;
    private bool isDisposed;

    /// <param name="inputs">In the plan's order.</param>
    /// <exception cref="EngineException">InvalidInput, OutOfMemory or RunFailed.</exception>
    public TensorRtStreamedRun(SharedPlan held, Tensor[] inputs, CudaStream compute)
    {
        shared = held.Hold();
        ComputeStream = compute;
        try
        {
            buffers = new RunBuffers(shared.Description);
            contexts = new ShapedContexts(shared, buffers, compute);
            context = MakeReady(inputs, buffers, contexts);
        }
        catch (Exception e)
        {
            Dispose();
            if (e is CudaException cuda) throw ShimErrors.From(cuda, "The engine does not run");
            throw;
        }
    }

    public CudaStream ComputeStream { get; }

    public void EnqueueInputs(CudaStream stream) => context.EnqueueInputs(stream);

    public void EnqueueRun()
    {
        if (context.HasGraph) context.Launch(ComputeStream);
        else context.EnqueueRun(ComputeStream);
    }

    public void EnqueueOutputs(CudaStream stream) => context.EnqueueKnownOutputs(stream);

    /// <summary>The elements that the last run gave, once its outputs are here.</summary>
    internal ReadOnlySpan<byte> OutputData(int index) => buffers!.Output(index).Span[..checked((int)context.OutputBytes(index))];

    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        contexts?.Dispose();
        buffers?.Dispose();
        shared.Release();
    }

    private ShapedContext MakeReady(Tensor[] inputs, RunBuffers memory, ShapedContexts made)
    {
        var shapes = new InputShapes(inputs.Length);
        for (int i = 0; i < inputs.Length; i++)
        {
            ReadOnlySpan<long> shape = inputs[i].Shape.AsSpan();
            if (shape.Length > NativeShape.DimensionsMaximum)
                throw new EngineException(EngineErrorKind.InvalidInput, $"Input '{inputs[i].Name}' has {shape.Length} dimensions.");
            shapes.Set(i, shape);
        }

        ShapedContext ready = made.For(shapes);
        for (int i = 0; i < inputs.Length; i++)
        {
            memory.Fit(memory.Input(i), inputs[i].Data.Length);
            inputs[i].Data.Span.CopyTo(memory.Input(i).Span);
        }

        for (int run = 0; run < RunsBefore; run++) ready.Run(ComputeStream, shapes);
        if (shared.Options.CudaGraphs > 0) ready.TryCapture(ComputeStream, () => ready.EnqueueRun(ComputeStream));
        return ready;
    }
}
