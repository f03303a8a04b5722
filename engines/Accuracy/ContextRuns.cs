using System.Collections.Immutable;

namespace Pipeline.Engines.Accuracy;

/// <summary>
/// Runs an engine as an edge does: through a context that goes from run to run, so that what is checked is what will serve.
/// </summary>
internal sealed class ContextRuns(IEngine engine) : IDisposable
{
    private readonly IEngineContext context = engine.CreateContext();

    /// <param name="inputs">Every input of the engine, in any order.</param>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public TensorOutputs Run(ImmutableArray<Tensor> inputs)
    {
        new PinnedInputs(engine, inputs).Run(context);
        return new TensorOutputs(
        [
            .. engine.Outputs.Select((o, i) => new Tensor(
                o.Name, context.OutputType(i), [.. context.OutputShape(i)], context.OutputData(i).ToArray())),
        ]);
    }

    public void Dispose() => context.Dispose();
}
