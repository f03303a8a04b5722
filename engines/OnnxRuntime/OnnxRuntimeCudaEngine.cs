using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// A session on CUDA. <see cref="Run"/> copies from and to the host and waits; contexts and streamed runs keep tensors on the device.
/// All compute on one stream, which belongs to the session.
/// </summary>
internal sealed class OnnxRuntimeCudaEngine : OnnxRuntimeEngine, IDeviceEngine
{
    private readonly OrtCuda cuda;
    private readonly OrtCudaTensors tensors;
    private readonly OrtAllocatorHandle allocator;
    private readonly string description;

    /// <param name="onHost">For each input, whether the session reads it on the host; null asks the session.</param>
    public OnnxRuntimeCudaEngine(OrtCuda cuda, OnnxRuntimeOptions options, string description, ImmutableArray<bool>? onHost = null)
        : base(cuda.Library, cuda.Session, options, description)
    {
        (this.cuda, this.description) = (cuda, description);
        cuda.Session.Keep(InputNames);
        cuda.Session.Keep(OutputNames);
        tensors = new OrtCudaTensors(
            InputInfos, OutputInfos, InputNames, OutputNames,
            onHost ?? [.. cuda.Library.Api.InputsOnHost(cuda.Session, InputInfos.Length)]);
        allocator = cuda.Library.Api.CreateAllocator(cuda.Session, cuda.Memory);
    }

    public override string Description => cuda.CaptureFailure is { } why ? $"{description}, given up: {why}" : description;

    /// <summary>
    /// What the session's arena and this engine's tensors hold now: weights from the beginning, working memory from the first runs of
    /// a shape on. Kernels and the libraries' own handles, which all engines of a process share, are not in it.
    /// </summary>
    public override long DeviceMemoryBytes
    {
        get
        {
            // An engine that is being disposed has no arena to ask.
            if (allocator.IsClosed) return 0;
            return cuda.Library.Api.AllocatedBytes(allocator) + cuda.BufferBytes;
        }
    }

    public int Device => cuda.Device;

    /// <summary>The provider keeps one plan for each convolution, that of the run before.</summary>
    public bool PrefersOneShape => true;

    public override EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        CaptureGate.Enter(alone: false);
        try
        {
            lock (cuda.Enqueuing)
            {
                if (cuda.CapturesRuns) cuda.Follow(ShapesOf(inputs));
                return base.Run(inputs, cancellationToken);
            }
        }
        finally
        {
            CaptureGate.Leave(alone: false);
        }
    }

    public override IEngineContext CreateContext() => new OnnxRuntimeCudaContext(cuda, tensors);

    public IStreamedRun CreateStreamedRun(ImmutableArray<Tensor> inputs) => new OnnxRuntimeStreamedRun(cuda, tensors, inputs);

    protected override OrtRunOptionsHandle? CreateRunOptions(bool cancellable) =>
        cuda.CapturesRuns ? cuda.CreateWaitingOptions() : base.CreateRunOptions(cancellable);

    protected override void Dispose(bool disposing)
    {
        // Memory is freed, which nobody's capture survives.
        CaptureGate.Enter(alone: false);
        try
        {
            // Its allocator is the session's: it goes first.
            allocator.Dispose();
            base.Dispose(disposing);
        }
        finally
        {
            CaptureGate.Leave(alone: false);
        }
    }

    // In the order of the inputs, as bindings have them; a run that lacks one is refused.
    private long[] ShapesOf(ReadOnlySpan<Tensor> inputs)
    {
        var shapes = new List<long>();
        foreach (TensorDescription input in Inputs)
        {
            foreach (Tensor tensor in inputs)
            {
                if (tensor.Name != input.Name) continue;
                shapes.Add(tensor.Shape.Length);
                shapes.AddRange(tensor.Shape);
            }
        }

        return [.. shapes];
    }
}
