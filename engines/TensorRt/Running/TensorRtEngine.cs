using System.Buffers;
using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>One plan. Its own runs go one after another through one lane; whoever runs often makes contexts.</summary>
internal sealed class TensorRtEngine : IDeviceEngine
{
    private readonly SharedPlan plan;
    private readonly string description;
    private readonly Lock gate = new();
    private readonly Lock computeGate = new();
    private TensorRtContext? own;
    private CudaStream? compute;
    private volatile bool isDisposed;

    /// <summary>Takes the plan, and unloads it when it cannot be used.</summary>
    /// <param name="planBytes">Its size, the estimate for the weights where TensorRT does not tell theirs.</param>
    /// <exception cref="EngineException">UnsupportedTensor or LoadFailed.</exception>
    public TensorRtEngine(PlanHandle handle, TensorRtOptions options, string description, long planBytes)
    {
        try
        {
            plan = new SharedPlan(handle, PlanDescription.Read(handle), options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        this.description = description;
        PlanDescription said = plan.Description;
        Inputs = [.. said.Inputs.Select(i => i.Description)];
        Outputs = [.. said.Outputs.Select(o => o.Description)];
        // A plan keeps no names of dimensions.
        DimensionNames = Inputs.Concat(Outputs).DistinctBy(t => t.Name).ToImmutableSortedDictionary(
            t => t.Name, t => t.Shape.Select(_ => "").ToImmutableArray(), StringComparer.Ordinal);
        DeviceMemoryBytes = said.ContextBytes + (said.WeightBytes > 0 ? said.WeightBytes : planBytes);
    }

    public string Description => plan.CaptureFailure is { } why ? $"{description}, a CUDA graph given up: {why}" : description;

    public ImmutableArray<TensorDescription> Inputs { get; }

    public ImmutableArray<TensorDescription> Outputs { get; }

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames { get; }

    public long DeviceMemoryBytes { get; }

    public int Device => plan.Options.Device;

    public int Threads => 1;

    internal PlanDescription Plan => plan.Description;

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Tensor[] ordered = GivenInputs.InOrder(inputs, plan.Description);
        try
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(isDisposed, this);
                own ??= new TensorRtContext(plan);
                return Run(own, ordered);
            }
        }
        finally
        {
            // It was disposed meanwhile, and did not wait.
            if (isDisposed) DisposeOwn();
        }
    }

    public IEngineContext CreateContext() => new TensorRtContext(plan);

    public IStreamedRun CreateStreamedRun(ImmutableArray<Tensor> inputs)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return new TensorRtStreamedRun(plan, GivenInputs.InOrder(inputs.AsSpan(), plan.Description), ComputeStream());
    }

    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        // A run under way goes on, and disposes what it used.
        if (gate.TryEnter())
        {
            gate.Exit();
            DisposeOwn();
        }

        lock (computeGate) compute?.Dispose();
        plan.Release();
    }

    private void DisposeOwn()
    {
        lock (gate) own?.Dispose();
    }

    private TensorOutputs Run(TensorRtContext context, Tensor[] ordered)
    {
        for (int i = 0; i < ordered.Length; i++)
        {
            using MemoryHandle pin = ordered[i].Data.Pin();
            unsafe
            {
                context.SetInput(i, (nint)pin.Pointer, ordered[i].Data.Length, ordered[i].Shape.AsSpan());
            }
        }

        context.Run();
        return new TensorOutputs(
        [
            .. Outputs.Select((o, i) =>
                new Tensor(o.Name, context.OutputType(i), [.. context.OutputShape(i)], context.OutputData(i).ToArray())),
        ]);
    }

    // One for all streamed runs: two that compute at once would time each other.
    private CudaStream ComputeStream()
    {
        try
        {
            lock (computeGate)
            {
                CudaDevices.Use(plan.Options.Device);
                return compute ??= new CudaStream();
            }
        }
        catch (CudaException e)
        {
            throw ShimErrors.From(e, "No stream can be made");
        }
    }
}
