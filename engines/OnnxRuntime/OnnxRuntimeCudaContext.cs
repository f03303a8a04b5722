using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// A lane on CUDA. Its copies go on a stream of its own, beside what other lanes compute; runs queue on the engine's stream. Where
/// runs are captured, the first shapes that come have each a binding of their own, so that their addresses stay.
/// </summary>
internal sealed class OnnxRuntimeCudaContext : IEngineContext
{
    /// <summary>Each graph holds memory; a lane with ever other shapes runs the rest without.</summary>
    private const int GraphsMaximum = 32;

    private readonly OrtCuda cuda;
    private readonly OrtCudaTensors tensors;
    private readonly CudaStream copies;
    private readonly CudaEvent inputsThere;
    private readonly CudaEvent done;
    private readonly CudaEvent outputsThere;
    private readonly OrtCudaBinding plain;
    private readonly List<OrtCudaBinding> captured = [];
    private readonly Given[] given;
    private OrtCudaBinding? last;
    private bool isDisposed;

    /// <exception cref="EngineException">OutOfMemory or RunFailed.</exception>
    public OnnxRuntimeCudaContext(OrtCuda cuda, OrtCudaTensors tensors)
    {
        (this.cuda, this.tensors) = (cuda, tensors);
        given = [.. tensors.Inputs.Select(i => new Given(i.Description.Shape.Length))];
        CaptureGate.Enter(alone: false);
        try
        {
            CudaDevices.Use(cuda.Device);
            copies = new CudaStream();
            (inputsThere, done, outputsThere) = (new CudaEvent(timed: false), new CudaEvent(timed: false), new CudaEvent(timed: false));
            plain = new OrtCudaBinding(cuda, tensors, captures: false);
        }
        catch (CudaException e)
        {
            throw OrtCudaErrors.From(e);
        }
        finally
        {
            CaptureGate.Leave(alone: false);
        }
    }

    public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        OrtTensorInfo info = tensors.Inputs[index];
        if (Tensor.SizeBytesOf(info.ElementType, shape) != sizeBytes || sizeBytes > Array.MaxLength)
            throw OrtInputs.WrongSize(info, sizeBytes, shape);
        given[index].Set(data, (int)sizeBytes, shape);
    }

    public void Run()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        last = null;
        OrtCudaBinding? binding = null;
        bool alone = false;
        try
        {
            int missing = Array.FindIndex(given, g => !g.IsSet);
            if (missing >= 0) throw OrtInputs.Missing(tensors.Inputs[missing]);
            binding = Choose();
            alone = CaptureGate.Enter(binding.WantsCapture);
        }
        catch
        {
            Forget();
            throw;
        }

        try
        {
            CudaDevices.Use(cuda.Device);
            Run(binding, alone);
            last = binding;
        }
        catch (Exception e)
        {
            Drain();
            if (e is CudaException failed) throw OrtCudaErrors.From(failed);
            throw;
        }
        finally
        {
            CaptureGate.Leave(alone);
            Forget();
        }
    }

    public ElementType OutputType(int index) => Last.OutputType(index);

    public ReadOnlySpan<long> OutputShape(int index) => Last.OutputShape(index);

    public ReadOnlySpan<byte> OutputData(int index) => Last.OutputData(index);

    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        CaptureGate.Enter(alone: false);
        try
        {
            // The stream belongs to the session, which the bindings keep: they go last.
            inputsThere.Dispose();
            done.Dispose();
            outputsThere.Dispose();
            copies.Dispose();
            plain.Dispose();
            foreach (OrtCudaBinding binding in captured) binding.Dispose();
        }
        finally
        {
            CaptureGate.Leave(alone: false);
        }
    }

    private OrtCudaBinding Last
    {
        get
        {
            ObjectDisposedException.ThrowIf(isDisposed || last is null, this);
            return last;
        }
    }

    private OrtCudaBinding Choose()
    {
        if (!cuda.HasGraphs && captured.Count == 0) return plain;
        foreach (OrtCudaBinding binding in captured)
        {
            if (HasShapes(binding)) return binding;
        }

        if (!cuda.HasGraphs || captured.Count == GraphsMaximum) return plain;
        var made = new OrtCudaBinding(cuda, tensors, captures: true);
        captured.Add(made);
        return made;
    }

    private bool HasShapes(OrtCudaBinding binding)
    {
        for (int i = 0; i < given.Length; i++)
        {
            if (!binding.HasShape(i, given[i].Shape)) return false;
        }

        return true;
    }

    private void Run(OrtCudaBinding binding, bool alone)
    {
        for (int i = 0; i < given.Length; i++) binding.Stage(i, given[i].Data, given[i].Bytes, given[i].Shape);
        binding.EnqueueInputs(copies);
        inputsThere.Record(copies);
        lock (cuda.Enqueuing)
        {
            cuda.Stream.WaitFor(inputsThere);
            binding.EnqueueRun(alone);
            if (cuda.CapturesRuns) binding.EnqueueOutputs(cuda.Stream);
            done.Record(cuda.Stream);
        }

        copies.WaitFor(done);
        if (!cuda.CapturesRuns) binding.EnqueueOutputs(copies);
        outputsThere.Record(copies);
        outputsThere.Synchronize();
    }

    /// <summary>After a failure: nothing of this lane may still be under way when its memory is used again.</summary>
    private void Drain()
    {
        try
        {
            copies.Synchronize();
            cuda.Stream.Synchronize();
        }
        catch (CudaException)
        {
            // What failed before says more.
        }
    }

    private void Forget()
    {
        foreach (Given input in given) input.IsSet = false;
    }

    /// <summary>An input of the next run, in the caller's memory.</summary>
    private sealed class Given(int rank)
    {
        private long[] shape = new long[rank];
        private int rank = rank;

        public bool IsSet { get; set; }

        public nint Data { get; private set; }

        public int Bytes { get; private set; }

        public ReadOnlySpan<long> Shape => shape.AsSpan(0, rank);

        public void Set(nint data, int bytes, ReadOnlySpan<long> dimensions)
        {
            if (shape.Length < dimensions.Length) shape = new long[dimensions.Length];
            dimensions.CopyTo(shape);
            (Data, Bytes, rank, IsSet) = (data, bytes, dimensions.Length, true);
        }
    }
}
