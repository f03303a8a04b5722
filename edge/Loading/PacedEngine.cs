using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Edge.Serving;
using Pipeline.Engines;

namespace Pipeline.Edge.Loading;

/// <summary>
/// An engine that is tried before it serves. After each run it leaves the processors to the requests that are in flight, so
/// that a swap is spread over a longer time instead of being felt; an edge with nothing to do is not slowed.
/// </summary>
internal sealed class PacedEngine(IEngine engine, AdmissionGate gate, TimeProvider time) : IEngine
{
    /// <summary>The pause after a run, in run times.</summary>
    private const int PauseFactor = 3;

    private static readonly TimeSpan PauseMaximum = TimeSpan.FromMilliseconds(200);

    public string Description => engine.Description;

    public ImmutableArray<TensorDescription> Inputs => engine.Inputs;

    public ImmutableArray<TensorDescription> Outputs => engine.Outputs;

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => engine.DimensionNames;

    public int Threads => engine.Threads;

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        EngineOutputs outputs = engine.Run(inputs, cancellationToken);
        Pause(started, cancellationToken);
        return outputs;
    }

    /// <summary>Does something with the engine beside its own runs, and pauses as after one.</summary>
    public void Pace(Action run, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        run();
        Pause(started, cancellationToken);
    }

    /// <summary>The engine is its owner's.</summary>
    public void Dispose()
    {
    }

    private void Pause(long started, CancellationToken cancellationToken)
    {
        TimeSpan pause = time.GetElapsedTime(started) * PauseFactor;
        if (gate.Busy > 0) cancellationToken.WaitHandle.WaitOne(pause < PauseMaximum ? pause : PauseMaximum);
    }
}
