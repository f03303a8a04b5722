using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines;

/// <summary>
/// A loaded engine. Runs may go on at the same time from several threads; disposing waits for no run, but what runs
/// keeps the native engine alive until it ends.
/// </summary>
public interface IEngine : IDisposable
{
    /// <summary>What runs, such as <c>ort-1.29.0-cpu, graph optimizations off</c>; reports say it.</summary>
    string Description { get; }

    ImmutableArray<TensorDescription> Inputs { get; }

    ImmutableArray<TensorDescription> Outputs { get; }

    /// <summary>Names of free dimensions by input or output; "" where a dimension has none.</summary>
    ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames { get; }

    /// <summary>Device memory that it takes, with one context of its largest profile, in bytes; 0 on processors.</summary>
    long DeviceMemoryBytes => 0;

    /// <summary>Threads that one run uses.</summary>
    int Threads { get; }

    /// <summary>
    /// Runs once. Inputs are matched by name; every input must be there and no other. Nothing is copied when the data
    /// is aligned to its element size.
    /// </summary>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the native run stops at the next node.</exception>
    EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken);

    /// <summary>An execution lane of this engine, for callers that run again and again. The caller disposes it.</summary>
    IEngineContext CreateContext() => new RunContext(this);
}
