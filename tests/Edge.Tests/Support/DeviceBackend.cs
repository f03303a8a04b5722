using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Support;

/// <summary>
/// A double of a device with memory over real engines: each takes what the test says, a load beyond what is free fails as on a
/// device, and memory is back when the engine is disposed.
/// </summary>
internal sealed class DeviceBackend(long totalBytes, IEngineBackend? inner = null) : IEngineBackend
{
    private readonly IEngineBackend inner = inner ?? TestEngines.Backend;
    private readonly ConcurrentDictionary<string, long> costs = new();
    private readonly object sync = new();
    private readonly List<string> loads = [];
    private int contexts;
    private long taken;
    private long takenMaximum;

    /// <summary>What another process takes.</summary>
    public long TakenByOthers { get; set; }

    /// <summary>Runs of the lanes' contexts, those of warm-up included.</summary>
    public ConcurrentQueue<ContextRun> ContextRuns { get; } = new();

    /// <summary>Called before each of them, on its thread.</summary>
    public Action<ContextRun>? Running { get; set; }

    /// <summary>What engines take now.</summary>
    public long Taken
    {
        get
        {
            lock (sync) return taken;
        }
    }

    /// <summary>Digests in the order in which they were asked to load.</summary>
    public ImmutableArray<string> Loads
    {
        get
        {
            lock (sync) return [.. loads];
        }
    }

    /// <summary>The most that engines took together.</summary>
    public long TakenMaximum
    {
        get
        {
            lock (sync) return takenMaximum;
        }
    }

    /// <summary>Says what an engine takes.</summary>
    public void Costs(byte[] engine, long bytes) => costs[DigestOf(engine)] = bytes;

    public static string DigestOf(ReadOnlySpan<byte> engine) => Convert.ToHexStringLower(SHA256.HashData(engine));

    public BackendProbe Probe() => inner.Probe() with { Driver = "580.65.06", IsSimulated = true };

    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken) => inner.Build(options, cancellationToken);

    public IEngine LoadReference(string modelPath, CancellationToken cancellationToken) =>
        inner.LoadReference(modelPath, cancellationToken);

    public DeviceMemoryState? ReadDeviceMemory()
    {
        lock (sync) return new DeviceMemoryState(totalBytes - taken - TakenByOthers, totalBytes);
    }

    public IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken)
    {
        string digest = DigestOf(engine.Span);
        long cost = costs.GetValueOrDefault(digest);
        lock (sync)
        {
            loads.Add(digest);
            if (cost > totalBytes - taken - TakenByOthers)
                throw new EngineException(EngineErrorKind.OutOfMemory, $"{cost} bytes could not be allocated.");
            taken += cost;
            takenMaximum = Math.Max(takenMaximum, taken);
        }

        try
        {
            return new DeviceEngine(this, inner.Load(engine, cancellationToken), cost);
        }
        catch
        {
            Free(cost);
            throw;
        }
    }

    private void Free(long cost)
    {
        lock (sync) taken -= cost;
    }

    private sealed class DeviceEngine(DeviceBackend device, IEngine inner, long cost) : IDeviceEngine
    {
        private int disposed;

        public string Description => inner.Description;

        public ImmutableArray<TensorDescription> Inputs => inner.Inputs;

        public ImmutableArray<TensorDescription> Outputs => inner.Outputs;

        public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => inner.DimensionNames;

        public long DeviceMemoryBytes => cost;

        public int Threads => inner.Threads;

        public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken) =>
            inner.Run(inputs, cancellationToken);

        public IStreamedRun CreateStreamedRun(ImmutableArray<Tensor> inputs) => throw new NotSupportedException();

        public IEngineContext CreateContext() =>
            new CountedContext(device, inner.CreateContext(), Interlocked.Increment(ref device.contexts));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 1) return;
            inner.Dispose();
            device.Free(cost);
        }
    }

    private sealed class CountedContext(DeviceBackend device, IEngineContext inner, int number) : IEngineContext
    {
        private long items;

        public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
        {
            items = shape.IsEmpty ? 0 : shape[0];
            inner.SetInput(index, data, sizeBytes, shape);
        }

        public void Run()
        {
            var run = new ContextRun(number, Environment.CurrentManagedThreadId, items);
            device.ContextRuns.Enqueue(run);
            device.Running?.Invoke(run);
            inner.Run();
        }

        public ElementType OutputType(int index) => inner.OutputType(index);

        public ReadOnlySpan<long> OutputShape(int index) => inner.OutputShape(index);

        public ReadOnlySpan<byte> OutputData(int index) => inner.OutputData(index);

        public void Dispose() => inner.Dispose();
    }
}
