using System.Collections.Immutable;

namespace Pipeline.Core.Gates;

/// <summary>What the accuracy check measured: the engine against a run of the original model, unoptimized.</summary>
public sealed record AccuracyEvidence
{
    /// <summary>Number of input sets compared.</summary>
    public required int Samples { get; init; }

    /// <summary>Where the inputs came from: <c>golden</c> or <c>seeded</c>.</summary>
    public required string Inputs { get; init; }

    /// <summary>What the engine was compared with, such as <c>ort-1.29.0-cpu, graph optimizations off</c>.</summary>
    public required string Reference { get; init; }

    public required ImmutableArray<OutputAccuracy> Outputs { get; init; }

    /// <summary>
    /// The engine against the outputs that the golden files state themselves; empty when they state none.
    /// </summary>
    public ImmutableArray<OutputAccuracy> ExpectedOutputs { get; init; } = [];
}
