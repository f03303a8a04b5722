using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Engines;

namespace Pipeline.Bench.Gating;

/// <summary>A double: the engine that is given, made slower by so much busy work after each run. Does not own that engine.</summary>
internal sealed class SlowedEngine(IEngine engine, TimeSpan extra) : IEngine
{
    public string Description => $"{engine.Description}, slowed by {extra.TotalMicroseconds:0.#} us a run";

    public ImmutableArray<TensorDescription> Inputs => engine.Inputs;

    public ImmutableArray<TensorDescription> Outputs => engine.Outputs;

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => engine.DimensionNames;

    public int Threads => engine.Threads;

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        EngineOutputs outputs = engine.Run(inputs, cancellationToken);
        BusyWork.For(extra);
        return outputs;
    }

    public IEngineContext CreateContext() => new SlowedContext(engine.CreateContext(), extra);

    public void Dispose()
    {
    }
}
