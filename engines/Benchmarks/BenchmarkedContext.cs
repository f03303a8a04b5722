using System.Collections.Immutable;

namespace Pipeline.Engines.Benchmarks;

/// <summary>A context of an engine that is given the same inputs run after run.</summary>
internal sealed class BenchmarkedContext : IDisposable
{
    private readonly PinnedInputs inputs;
    private readonly IEngineContext context;

    /// <param name="given">Every input of the engine, in any order.</param>
    /// <exception cref="EngineException">InvalidInput: the engine has other inputs than are given.</exception>
    public BenchmarkedContext(IEngine engine, ImmutableArray<Tensor> given) =>
        (inputs, context) = (new PinnedInputs(engine, given), engine.CreateContext());

    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public void Run() => inputs.Run(context);

    public void Dispose() => context.Dispose();
}
