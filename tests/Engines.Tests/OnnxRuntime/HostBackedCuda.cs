using Pipeline.Engines.Cuda;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.Tests.Cuda;

namespace Pipeline.Engines.Tests.OnnxRuntime;

/// <summary>
/// What <see cref="OrtCuda"/> is to a session on the processor: memory of the simulated device is memory of the host, which that
/// session reads and writes. It computes when it is told, not in the stream, so the stream is waited for first.
/// </summary>
internal sealed unsafe class HostBackedCuda : OrtCuda
{
    private readonly List<DeviceMemory> outputs = [];

    private HostBackedCuda(OrtLibrary library, OrtSessionHandle session, bool graphs)
        : base(library, session, new CudaStream(), library.Api.CreateCpuMemoryInfo(), device: 0, graphs)
    {
    }

    /// <summary>Runs so far, with and without a graph's options.</summary>
    public int GraphRuns { get; private set; }

    public int PlainRuns { get; private set; }

    /// <summary>What the next run of a graph answers; null: it runs.</summary>
    public string? CaptureError { get; set; }

    public static OnnxRuntimeCudaEngine Load(TinyModel model, bool graphs, out HostBackedCuda cuda)
    {
        SimulatedCuda.Require();
        CudaDevices.Use(0);
        OrtLibrary library = OrtLibrary.Get(null);
        using OrtSessionOptionsHandle options = OrtSessions.CreateOptions(library, new OnnxRuntimeOptions { IntraOpThreads = 1 });
        OrtSessionHandle session = OrtSessions.Open(library, model.ToBytes(), options, TestContext.Current.CancellationToken);
        cuda = new HostBackedCuda(library, session, graphs);
        return new OnnxRuntimeCudaEngine(
            cuda, new OnnxRuntimeOptions(), "host-backed", [.. library.Api.DescribeTensors(session, output: false).Select(_ => false)]);
    }

    public override OrtStatus Run(OrtRunOptionsHandle options, nint binding)
    {
        Stream.Synchronize();
        if (options == EnqueueOptions) PlainRuns++;
        else if (CaptureError is { } error) return new OrtStatus(OrtErrorCode.Fail, error);
        else GraphRuns++;
        return base.Run(options, binding);
    }

    public override nint AddressOf(nint value, int bytes)
    {
        if (bytes == 0) return 0;
        var memory = new DeviceMemory(bytes);
        outputs.Add(memory);
        new ReadOnlySpan<byte>((void*)base.AddressOf(value, bytes), bytes).CopyTo(new Span<byte>((void*)memory.Address, bytes));
        return memory.Address;
    }
}
