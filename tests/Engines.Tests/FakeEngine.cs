using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.Tests;

/// <summary>An engine that a test writes down: what it declares, and what a run gives.</summary>
internal sealed class FakeEngine(
    TensorDescription input, TensorDescription output, Func<Tensor, Tensor> run) : IEngine
{
    public List<Tensor> Given { get; } = [];

    public string Description => "fake";

    public ImmutableArray<TensorDescription> Inputs => [input];

    public ImmutableArray<TensorDescription> Outputs => [output];

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames =>
        ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    public int Threads => 3;

    /// <summary>An engine of x: FP32 [-1] and y: FP32 [-1] that gives its input back.</summary>
    public static FakeEngine Echo() => new(
        Describe("x", -1), Describe("y", -1), x => new Tensor("y", x.ElementType, x.Shape, x.Data));

    public static TensorDescription Describe(string name, params long[] shape) =>
        new() { Name = name, DataType = "FP32", Shape = [.. shape] };

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        Given.Add(inputs[0]);
        return new TensorOutputs([run(inputs[0])]);
    }

    public void Dispose()
    {
    }
}
