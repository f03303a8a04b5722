using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Support;

/// <summary>The real backend, whose engines' lanes stop before each run while the gate is shut, and tell what they ran.</summary>
internal sealed class GatedBackend : IEngineBackend
{
    private readonly object sync = new();
    private readonly List<long> rows = [];
    private int waiting;
    private int freed;
    private bool isShut;

    /// <summary>Whether its engines say that they run on a CUDA device.</summary>
    public bool IsOnDevice { get; init; }

    /// <summary>Runs that stand before the shut gate.</summary>
    public int Waiting
    {
        get
        {
            lock (sync) return waiting;
        }
    }

    /// <summary>Engines that were disposed.</summary>
    public int Freed => Volatile.Read(ref freed);

    /// <summary>Rows of each run that the lanes did, in order.</summary>
    public ImmutableArray<long> Rows
    {
        get
        {
            lock (sync) return [.. rows];
        }
    }

    public void Shut() => Turn(shut: true);

    public void Open() => Turn(shut: false);

    public BackendProbe Probe() => TestEngines.Backend.Probe();

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken) =>
        TestEngines.Backend.Build(options, cancellationToken);

    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken) =>
        IsOnDevice
            ? new DeviceEngine(this, TestEngines.Backend.Load(engine, cancellationToken))
            : new GatedEngine(this, TestEngines.Backend.Load(engine, cancellationToken));

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
        TestEngines.Backend.LoadReference(modelPath, cancellationToken);

    private void Turn(bool shut)
    {
        lock (sync)
        {
            isShut = shut;
            Monitor.PulseAll(sync);
        }
    }

    private void Pass(long items)
    {
        lock (sync)
        {
            rows.Add(items);
            waiting++;
            while (isShut) Monitor.Wait(sync);
            waiting--;
        }
    }

    private class GatedEngine(GatedBackend backend, IEngine inner) : IEngine
    {
        public string Description => inner.Description;

        public ImmutableArray<TensorDescription> Inputs => inner.Inputs;

        public ImmutableArray<TensorDescription> Outputs => inner.Outputs;

        public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => inner.DimensionNames;

        public int Threads => inner.Threads;

        public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken) =>
            inner.Run(inputs, cancellationToken);

        public IEngineContext CreateContext() => new GatedContext(backend, inner.CreateContext());

        public void Dispose()
        {
            inner.Dispose();
            Interlocked.Increment(ref backend.freed);
        }
    }

    private sealed class DeviceEngine(GatedBackend backend, IEngine inner) : GatedEngine(backend, inner), IDeviceEngine
    {
        public IStreamedRun CreateStreamedRun(ImmutableArray<Tensor> inputs) => throw new NotSupportedException();
    }

    private sealed class GatedContext(GatedBackend backend, IEngineContext inner) : IEngineContext
    {
        private long items;

        public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
        {
            items = shape.IsEmpty ? 0 : shape[0];
            inner.SetInput(index, data, sizeBytes, shape);
        }

        public void Run()
        {
            backend.Pass(items);
            inner.Run();
        }

        public ElementType OutputType(int index) => inner.OutputType(index);

        public ReadOnlySpan<long> OutputShape(int index) => inner.OutputShape(index);

        public ReadOnlySpan<byte> OutputData(int index) => inner.OutputData(index);

        public void Dispose() => inner.Dispose();
    }
}
