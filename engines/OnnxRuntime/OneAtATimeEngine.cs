using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// An engine of a provider that does not bear several sessions at work in one process, WebGPU's: on an H200 a process ended with a
/// segmentation fault when engines were swapped under load. Runs of all its engines, and their beginnings and ends, take turns.
/// </summary>
internal sealed class OneAtATimeEngine(IEngine engine, Lock turn) : IEngine
{
    public string Description => engine.Description;

    public ImmutableArray<TensorDescription> Inputs => engine.Inputs;

    public ImmutableArray<TensorDescription> Outputs => engine.Outputs;

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => engine.DimensionNames;

    public long DeviceMemoryBytes => engine.DeviceMemoryBytes;

    public int Threads => engine.Threads;

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        lock (turn) return engine.Run(inputs, cancellationToken);
    }

    public IEngineContext CreateContext()
    {
        lock (turn) return new Context(engine.CreateContext(), turn);
    }

    public void Dispose()
    {
        lock (turn) engine.Dispose();
    }

    private sealed class Context(IEngineContext context, Lock turn) : IEngineContext
    {
        public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape) =>
            context.SetInput(index, data, sizeBytes, shape);

        public void Run()
        {
            lock (turn) context.Run();
        }

        public ElementType OutputType(int index) => context.OutputType(index);

        public ReadOnlySpan<long> OutputShape(int index) => context.OutputShape(index);

        public ReadOnlySpan<byte> OutputData(int index) => context.OutputData(index);

        public void Dispose()
        {
            lock (turn) context.Dispose();
        }
    }
}
