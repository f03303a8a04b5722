using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>The memory of one lane: every tensor's, and the scratch that its native contexts share, since they run one at a time.</summary>
internal sealed class RunBuffers : IDisposable
{
    private readonly TensorBuffer[] inputs;
    private readonly TensorBuffer[] outputs;
    private readonly DeviceMemory scratch;

    /// <exception cref="EngineException">OutOfMemory.</exception>
    public RunBuffers(PlanDescription plan)
    {
        inputs = [.. plan.Inputs.Select(t => new TensorBuffer(t))];
        outputs = [.. plan.Outputs.Select(t => new TensorBuffer(t))];
        try
        {
            scratch = new DeviceMemory(Math.Max(1, plan.ContextBytes));
        }
        catch (CudaException e)
        {
            throw Native.ShimErrors.From(e, $"There is no memory for the {plan.ContextBytes} bytes that a run of the engine takes");
        }
    }

    /// <summary>Counts up whenever an address changes: what was bound to the old ones must be bound anew.</summary>
    public int Generation { get; private set; }

    public nint Scratch => scratch.Address;

    public TensorBuffer Input(int index) => inputs[index];

    public TensorBuffer Output(int index) => outputs[index];

    /// <exception cref="EngineException">OutOfMemory, or RunFailed beyond 2 GB.</exception>
    public void Fit(TensorBuffer buffer, long bytes)
    {
        if (bytes <= buffer.Capacity && buffer.Capacity > 0) return;
        Generation++;
        buffer.Grow(bytes);
    }

    public void Dispose()
    {
        foreach (TensorBuffer buffer in inputs) buffer.Dispose();
        foreach (TensorBuffer buffer in outputs) buffer.Dispose();
        scratch.Dispose();
    }
}
