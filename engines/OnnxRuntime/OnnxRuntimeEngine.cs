using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>One session. A run costs the native call, one values handle and one outputs object.</summary>
internal unsafe class OnnxRuntimeEngine : IEngine
{
    private readonly OrtLibrary library;
    private readonly OrtSessionHandle session;
    private readonly string description;
    private readonly ImmutableArray<OrtTensorInfo> inputInfos;
    private readonly ImmutableArray<OrtTensorInfo> outputInfos;
    private readonly OrtNames inputNames;
    private readonly OrtNames outputNames;

    protected OnnxRuntimeEngine(
        OrtLibrary library, OrtSessionHandle session, OnnxRuntimeOptions options, string description)
    {
        (this.library, this.session, this.description) = (library, session, description);
        inputInfos = library.Api.DescribeTensors(session, output: false);
        outputInfos = library.Api.DescribeTensors(session, output: true);
        Inputs = [.. inputInfos.Select(i => i.Description)];
        Outputs = [.. outputInfos.Select(o => o.Description)];
        DimensionNames = inputInfos.Concat(outputInfos)
            .DistinctBy(t => t.Description.Name)
            .ToImmutableSortedDictionary(t => t.Description.Name, t => t.DimensionNames, StringComparer.Ordinal);
        Threads = options.IntraOpThreads == 0 ? Environment.ProcessorCount : options.IntraOpThreads;
        inputNames = new OrtNames(Inputs);
        outputNames = new OrtNames(Outputs);
    }

    public virtual string Description => description;

    public ImmutableArray<TensorDescription> Inputs { get; }

    public ImmutableArray<TensorDescription> Outputs { get; }

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames { get; }

    public virtual long DeviceMemoryBytes => 0;

    public int Threads { get; }

    protected ImmutableArray<OrtTensorInfo> InputInfos => inputInfos;

    protected ImmutableArray<OrtTensorInfo> OutputInfos => outputInfos;

    protected OrtNames InputNames => inputNames;

    protected OrtNames OutputNames => outputNames;

    /// <summary>Takes the session, also when it refuses it.</summary>
    public static OnnxRuntimeEngine Create(
        OrtLibrary library, OrtSessionHandle session, OnnxRuntimeOptions options, string description)
    {
        try
        {
            return new OnnxRuntimeEngine(library, session, options, description);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public virtual EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var held = new Held(session);
        using var heldInputNames = new Held(inputNames);
        using var heldOutputNames = new Held(outputNames);
        using OrtRunOptionsHandle? options = CreateRunOptions(cancellationToken.CanBeCanceled);
        if (options is null) return Run(held.Value, inputs, runOptions: 0, cancellationToken);
        using var heldOptions = new Held(options);

        // Leaving disposes the registration first, which waits for a callback that runs.
        using CancellationTokenRegistration cancel = cancellationToken.UnsafeRegister(
            static state => ((RunCancellation)state!).Terminate(), new RunCancellation(library.Api, options));
        return Run(held.Value, inputs, heldOptions.Value, cancellationToken);
    }

    public virtual IEngineContext CreateContext() =>
        new OnnxRuntimeContext(library, session, inputInfos, outputInfos, inputNames, outputNames);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Options of one run; null where it needs none.</summary>
    protected virtual OrtRunOptionsHandle? CreateRunOptions(bool cancellable) => cancellable ? library.Api.CreateRunOptions() : null;

    protected virtual void Dispose(bool disposing)
    {
        session.Dispose();
        inputNames.Dispose();
        outputNames.Dispose();
    }

    private OnnxRuntimeOutputs Run(
        nint sessionValue, ReadOnlySpan<Tensor> inputs, nint runOptions, CancellationToken cancellationToken)
    {
        if (inputs.Length != inputInfos.Length) throw OrtInputs.WrongCount(inputs, inputInfos);
        var borrowed = new BorrowedInput[inputInfos.Length];
        nint* values = stackalloc nint[inputInfos.Length];
        var outputs = new OrtValuesHandle(library.Api, new nint[outputInfos.Length]);
        try
        {
            for (int i = 0; i < inputInfos.Length; i++)
            {
                Tensor tensor = OrtInputs.Find(inputs, inputInfos[i]);
                borrowed[i] = BorrowedInput.Borrow(library, tensor);
                values[i] = borrowed[i].Value;
            }

            OrtStatus status = library.Api.Run(
                sessionValue,
                runOptions,
                inputNames.Pointers,
                values,
                inputInfos.Length,
                outputNames.Pointers,
                outputs.Values);
            if (!status.IsOk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                bool invalid = status.Code == OrtErrorCode.InvalidArgument;
                status.ThrowIfFailed(
                    invalid ? EngineErrorKind.InvalidInput : EngineErrorKind.RunFailed,
                    "The engine does not run these inputs");
            }

            return new OnnxRuntimeOutputs(library.Api, outputInfos, outputs);
        }
        catch
        {
            outputs.Dispose();
            throw;
        }
        finally
        {
            foreach (ref BorrowedInput input in borrowed.AsSpan()) input.Return(library.Api);
        }
    }

    private sealed class RunCancellation(OrtApi api, OrtRunOptionsHandle options)
    {
        public void Terminate() => api.SetTerminate(options);
    }
}
