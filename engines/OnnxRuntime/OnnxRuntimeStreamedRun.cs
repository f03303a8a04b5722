using System.Collections.Immutable;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Runs on the same inputs, phase by phase. They are warm when this is made: the first ones happen here.</summary>
internal sealed class OnnxRuntimeStreamedRun : IStreamedRun
{
    /// <summary>A plain run, and where runs are captured the capture.</summary>
    private const int WarmRuns = 2;

    private readonly OrtCuda cuda;
    private readonly OrtCudaBinding binding;

    /// <exception cref="EngineException">InvalidInput, OutOfMemory or RunFailed.</exception>
    public OnnxRuntimeStreamedRun(OrtCuda cuda, OrtCudaTensors tensors, ImmutableArray<Tensor> given)
    {
        this.cuda = cuda;
        if (given.Length != tensors.Inputs.Length) throw OrtInputs.WrongCount(given.AsSpan(), tensors.Inputs);
        binding = new OrtCudaBinding(cuda, tensors, cuda.HasGraphs);
        try
        {
            CudaDevices.Use(cuda.Device);
            for (int i = 0; i < tensors.Inputs.Length; i++) Stage(i, OrtInputs.Find(given.AsSpan(), tensors.Inputs[i]));
            using var stream = new CudaStream();
            for (int run = 0; run < WarmRuns; run++) WarmUp(stream);
        }
        catch (Exception e)
        {
            binding.Dispose();
            if (e is CudaException failed) throw OrtCudaErrors.From(failed);
            throw;
        }
    }

    public CudaStream ComputeStream => cuda.Stream;

    public void EnqueueInputs(CudaStream stream) => binding.EnqueueInputs(stream);

    public void EnqueueRun() => EnqueueRun(mayCapture: false);

    public void EnqueueOutputs(CudaStream stream) => binding.EnqueueOutputs(stream);

    public void Dispose() => binding.Dispose();

    private void EnqueueRun(bool mayCapture)
    {
        bool alone = CaptureGate.Enter(mayCapture && binding.WantsCapture);
        try
        {
            lock (cuda.Enqueuing) binding.EnqueueRun(alone);
        }
        finally
        {
            CaptureGate.Leave(alone);
        }
    }

    private unsafe void Stage(int index, Tensor tensor)
    {
        using System.Buffers.MemoryHandle pin = tensor.Data.Pin();
        binding.Stage(index, (nint)pin.Pointer, tensor.Data.Length, tensor.Shape.AsSpan());
    }

    private void WarmUp(CudaStream stream)
    {
        EnqueueInputs(stream);
        stream.Synchronize();
        EnqueueRun(mayCapture: true);
        cuda.Stream.Synchronize();
        EnqueueOutputs(stream);
        stream.Synchronize();
    }
}
