using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// Inputs and outputs of runs on a CUDA device: staged in pinned memory, kept on the device, bound to the session once a shape. What
/// is enqueued here is waited for by the owner, who also keeps to the order: inputs, run, outputs. One thread at a time.
/// </summary>
internal sealed unsafe class OrtCudaBinding : IDisposable
{
    private const int ShapesOnStack = 128;

    private readonly OrtCuda cuda;
    private readonly OrtCudaTensors tensors;
    private readonly OrtApi api;
    private readonly OrtBindingHandle handle;
    private readonly nint binding;
    private readonly StagedMemory[] inputs;
    private readonly StagedMemory[] outputs;
    private readonly nint[] inputValues;
    private readonly nint[] outputValues;
    private readonly long[][] inputShapes;
    private readonly int[] inputRanks;
    private readonly int[] inputBytes;
    private readonly ElementType[] types;
    private readonly long[][] shapes;
    private readonly int[] ranks;
    private readonly OrtCudaGraph? graph;
    private bool areOutputsFixed;

    /// <param name="captures">Whether all runs have the same shapes, so that they can be one graph.</param>
    public OrtCudaBinding(OrtCuda cuda, OrtCudaTensors tensors, bool captures)
    {
        (this.cuda, this.tensors, api) = (cuda, tensors, cuda.Library.Api);
        int inputCount = tensors.Inputs.Length;
        int outputCount = tensors.Outputs.Length;
        inputs = [.. tensors.OnHost.Select(onHost => new StagedMemory(cuda, onDevice: !onHost))];
        // A graph writes where it was captured; otherwise the runtime's own memory takes outputs of any shape.
        outputs = [.. tensors.Outputs.Select(_ => new StagedMemory(cuda, onDevice: captures))];
        (inputValues, outputValues) = (new nint[inputCount], new nint[outputCount]);
        inputShapes = [.. tensors.Inputs.Select(i => new long[i.Description.Shape.Length])];
        (inputRanks, inputBytes) = (new int[inputCount], new int[inputCount]);
        Array.Fill(inputRanks, -1);
        shapes = [.. tensors.Outputs.Select(o => new long[o.Description.Shape.Length])];
        (types, ranks) = (new ElementType[outputCount], new int[outputCount]);
        bool added = false;
        cuda.Session.DangerousAddRef(ref added);
        handle = api.CreateBinding(cuda.Session.DangerousGetHandle());
        binding = handle.DangerousGetHandle();
        if (captures) graph = new OrtCudaGraph(cuda);
    }

    /// <summary>Whether the next run is a capture, which has to be alone (<see cref="CaptureGate"/>).</summary>
    public bool WantsCapture => graph is { } g && g.WantsCapture;

    /// <summary>Whether an input has had these dimensions before.</summary>
    public bool HasShape(int index, ReadOnlySpan<long> shape) =>
        inputRanks[index] == shape.Length && shape.SequenceEqual(inputShapes[index].AsSpan(0, shape.Length));

    /// <summary>Copies an input into pinned memory and binds it, where that is not done yet.</summary>
    /// <param name="bytes">The shape's elements.</param>
    /// <exception cref="CudaException">There is not enough memory.</exception>
    /// <exception cref="EngineException">InvalidInput.</exception>
    public void Stage(int index, nint data, int bytes, ReadOnlySpan<long> shape)
    {
        StagedMemory memory = inputs[index];
        bool moved = memory.Reserve(bytes);
        new ReadOnlySpan<byte>((void*)data, bytes).CopyTo(memory.Span(bytes));
        inputBytes[index] = bytes;
        // The runtime may copy a value of the host when it is bound.
        if (!moved && !tensors.OnHost[index] && HasShape(index, shape)) return;
        Bind(index, memory, shape);
    }

    public void EnqueueInputs(CudaStream stream)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!tensors.OnHost[i]) inputs[i].CopyToDevice(stream, inputBytes[i]);
        }
    }

    /// <summary>The run alone, on the engine's stream; its owner holds <see cref="OrtCuda.Enqueuing"/>.</summary>
    /// <param name="alone">Whether it may be a capture.</param>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public void EnqueueRun(bool alone)
    {
        if (cuda.CapturesRuns) Follow();
        if (graph is not null && (graph.IsCaptured || (alone && graph.WantsCapture)))
        {
            FixOutputs();
            if (graph.TryRun(binding)) return;
        }

        // Of the runtime's own memory: without a graph the same inputs' shapes may give outputs of other shapes.
        areOutputsFixed = false;
        Release(outputValues);
        for (int i = 0; i < outputs.Length; i++)
            Check(api.BindOutput(binding, tensors.OutputName(i), cuda.Memory), "Its outputs cannot be bound");
        Check(cuda.Run(cuda.EnqueueOptions, binding), OrtCudaTensors.DoesNotRun);
        api.ReadOutputs(binding, outputValues);
        for (int i = 0; i < outputs.Length; i++) types[i] = api.DescribeValue(outputValues[i], ref shapes[i], out ranks[i]);
        graph?.CountRun();
    }

    /// <summary>Copies the outputs of the last run to pinned memory.</summary>
    public void EnqueueOutputs(CudaStream stream)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            int bytes = OutputBytes(i);
            outputs[i].Reserve(bytes);
            outputs[i].CopyFromDevice(stream, cuda.AddressOf(outputValues[i], bytes), bytes);
        }
    }

    public ElementType OutputType(int index) => types[index];

    public ReadOnlySpan<long> OutputShape(int index) => shapes[index].AsSpan(0, ranks[index]);

    public ReadOnlySpan<byte> OutputData(int index) => outputs[index].Span(OutputBytes(index));

    /// <summary>Nothing may be under way.</summary>
    public void Dispose()
    {
        handle.Dispose();
        Release(inputValues);
        Release(outputValues);
        foreach (StagedMemory memory in inputs) memory.Dispose();
        foreach (StagedMemory memory in outputs) memory.Dispose();
        graph?.Dispose();
        cuda.Session.DangerousRelease();
    }

    private void Follow()
    {
        int length = inputRanks.Sum() + inputRanks.Length;
        Span<long> flat = length <= ShapesOnStack ? stackalloc long[length] : new long[length];
        int end = 0;
        for (int i = 0; i < inputRanks.Length; i++)
        {
            flat[end++] = inputRanks[i];
            inputShapes[i].AsSpan(0, inputRanks[i]).CopyTo(flat[end..]);
            end += inputRanks[i];
        }

        cuda.Follow(flat);
    }

    private int OutputBytes(int index)
    {
        long bytes = Tensor.SizeBytesOf(types[index], OutputShape(index));
        return bytes <= Array.MaxLength
            ? (int)bytes
            : throw new EngineException(
                EngineErrorKind.RunFailed,
                $"Output '{tensors.Outputs[index].Description.Name}' has {bytes} bytes; at most 2 GB can be read.");
    }

    private void Bind(int index, StagedMemory memory, ReadOnlySpan<long> shape)
    {
        bool onHost = tensors.OnHost[index];
        inputRanks[index] = -1;
        if (inputValues[index] != 0) api.ReleaseValue(inputValues[index]);
        inputValues[index] = 0;
        OrtTensorInfo info = tensors.Inputs[index];
        OrtStatus status = api.CreateTensor(
            onHost ? cuda.Library.CpuMemory : cuda.Memory, (void*)(onHost ? memory.HostAddress : memory.DeviceAddress),
            inputBytes[index], shape, info.ElementType, out inputValues[index]);
        if (status.IsOk) status = api.BindInput(binding, tensors.InputName(index), inputValues[index]);
        if (!status.IsOk) throw OrtCudaTensors.Refused(status, $"Input '{info.Description.Name}' is no tensor to the runtime");
        if (inputShapes[index].Length < shape.Length) inputShapes[index] = new long[shape.Length];
        shape.CopyTo(inputShapes[index]);
        inputRanks[index] = shape.Length;
    }

    /// <summary>Gives every output memory of its own at an address that stays.</summary>
    private void FixOutputs()
    {
        if (areOutputsFixed) return;
        Release(outputValues);
        for (int i = 0; i < outputs.Length; i++)
        {
            int bytes = OutputBytes(i);
            outputs[i].Reserve(bytes);
            OrtStatus status = api.CreateTensor(
                cuda.Memory, (void*)outputs[i].DeviceAddress, bytes, OutputShape(i), types[i], out outputValues[i]);
            if (status.IsOk) status = api.BindOutput(binding, tensors.OutputName(i), outputValues[i]);
            Check(status, "Its outputs cannot be bound");
        }

        areOutputsFixed = true;
    }

    private void Release(nint[] values)
    {
        foreach (ref nint value in values.AsSpan())
        {
            if (value != 0) api.ReleaseValue(value);
            value = 0;
        }
    }

    private static void Check(OrtStatus status, string what)
    {
        if (!status.IsOk) throw OrtCudaTensors.Refused(status, what);
    }
}
