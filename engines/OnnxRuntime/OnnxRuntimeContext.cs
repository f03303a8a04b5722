using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// A lane over one session. Native values are made and released with each run, since a run's shapes are its own; the
/// managed side is made once.
/// </summary>
internal sealed unsafe class OnnxRuntimeContext : IEngineContext
{
    private readonly OrtLibrary library;
    private readonly SafeHandle[] held;
    private readonly nint session;
    private readonly OrtNames inputNames;
    private readonly OrtNames outputNames;
    private readonly ImmutableArray<OrtTensorInfo> inputInfos;
    private readonly ImmutableArray<OrtTensorInfo> outputInfos;
    private readonly nint[] inputs;
    private readonly nint[] outputs;
    private readonly ElementType[] types;
    private readonly long[][] shapes;
    private readonly int[] ranks;
    private bool isDisposed;

    public OnnxRuntimeContext(
        OrtLibrary library,
        OrtSessionHandle session,
        ImmutableArray<OrtTensorInfo> inputInfos,
        ImmutableArray<OrtTensorInfo> outputInfos,
        OrtNames inputNames,
        OrtNames outputNames)
    {
        (this.library, this.inputInfos, this.outputInfos) = (library, inputInfos, outputInfos);
        (this.inputNames, this.outputNames) = (inputNames, outputNames);
        held = [session, inputNames, outputNames];
        foreach (SafeHandle handle in held)
        {
            bool added = false;
            handle.DangerousAddRef(ref added);
        }

        this.session = session.DangerousGetHandle();
        inputs = new nint[inputInfos.Length];
        outputs = new nint[outputInfos.Length];
        types = new ElementType[outputs.Length];
        ranks = new int[outputs.Length];
        shapes = new long[outputs.Length][];
        for (int i = 0; i < outputs.Length; i++) shapes[i] = new long[outputInfos[i].Description.Shape.Length];
    }

    public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        ElementType type = inputInfos[index].ElementType;
        if (Tensor.SizeBytesOf(type, shape) != sizeBytes) throw OrtInputs.WrongSize(inputInfos[index], sizeBytes, shape);
        if (inputs[index] != 0) library.Api.ReleaseValue(inputs[index]);
        inputs[index] = 0;
        OrtStatus status = library.Api.CreateTensor(
            library.CpuMemory, (void*)data, sizeBytes, shape, type, out inputs[index]);
        if (!status.IsOk) throw Refused(status, $"Input '{inputInfos[index].Description.Name}' is no tensor to the runtime");
    }

    public void Run()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        Release(outputs);
        try
        {
            int missing = Array.IndexOf(inputs, 0);
            if (missing >= 0) throw OrtInputs.Missing(inputInfos[missing]);
            fixed (nint* values = inputs)
            {
                OrtStatus status = library.Api.Run(
                    session, runOptions: 0, inputNames.Pointers, values, inputs.Length, outputNames.Pointers, outputs);
                if (!status.IsOk) throw Refused(status, "The engine does not run these inputs");
            }

            for (int i = 0; i < outputs.Length; i++)
                types[i] = library.Api.DescribeValue(outputs[i], ref shapes[i], out ranks[i]);
        }
        finally
        {
            Release(inputs);
        }
    }

    public ElementType OutputType(int index) => types[index];

    public ReadOnlySpan<long> OutputShape(int index) => shapes[index].AsSpan(0, ranks[index]);

    public ReadOnlySpan<byte> OutputData(int index)
    {
        ObjectDisposedException.ThrowIf(isDisposed || outputs[index] == 0, this);
        long sizeBytes = Tensor.SizeBytesOf(types[index], OutputShape(index));
        return sizeBytes <= int.MaxValue
            ? new ReadOnlySpan<byte>(library.Api.DataOf(outputs[index]), (int)sizeBytes)
            : throw TooLarge(index, sizeBytes);
    }

    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        Release(inputs);
        Release(outputs);
        foreach (SafeHandle handle in held) handle.DangerousRelease();
    }

    private void Release(nint[] values)
    {
        foreach (ref nint value in values.AsSpan())
        {
            if (value != 0) library.Api.ReleaseValue(value);
            value = 0;
        }
    }

    private static EngineException Refused(OrtStatus status, string what) => OrtErrors.From(
        status,
        status.Code == OrtErrorCode.InvalidArgument ? EngineErrorKind.InvalidInput : EngineErrorKind.RunFailed,
        what);

    private EngineException TooLarge(int index, long sizeBytes) => new(
        EngineErrorKind.RunFailed,
        $"Output '{outputInfos[index].Description.Name}' has {sizeBytes} bytes; at most 2 GB can be read.");
}
