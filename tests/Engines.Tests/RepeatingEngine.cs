using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.Tests;

/// <summary>A double: an engine that tells each run to <paramref name="log"/>, and runs the given one so many times for each.</summary>
internal sealed class RepeatingEngine(IEngine engine, char name, List<char> log, int times = 1) : IEngine
{
    public string Description => engine.Description;

    public ImmutableArray<TensorDescription> Inputs => engine.Inputs;

    public ImmutableArray<TensorDescription> Outputs => engine.Outputs;

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => engine.DimensionNames;

    public int Threads => engine.Threads;

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        log.Add(name);
        for (int extra = 1; extra < times; extra++) engine.Run(inputs, cancellationToken).Dispose();
        return engine.Run(inputs, cancellationToken);
    }

    public void Dispose() => engine.Dispose();
}
