using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.Accuracy;

/// <summary>
/// Runs an engine as an edge does: through a context that goes from run to run, so that what is checked is what will serve.
/// </summary>
internal sealed class ContextRuns(IEngine engine) : IDisposable
{
    private readonly IEngineContext context = engine.CreateContext();

    /// <param name="inputs">In any order.</param>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public TensorOutputs Run(ImmutableArray<Tensor> inputs)
    {
        // Stays where it is until the run has ended.
        var pinned = new byte[inputs.Length][];
        for (int i = 0; i < inputs.Length; i++)
        {
            Tensor input = inputs[i];
            pinned[i] = GC.AllocateUninitializedArray<byte>(input.Data.Length, pinned: true);
            input.Data.CopyTo(pinned[i]);
            context.SetInput(IndexOf(input), Marshal.UnsafeAddrOfPinnedArrayElement(pinned[i], 0), pinned[i].Length, input.Shape.AsSpan());
        }

        context.Run();
        GC.KeepAlive(pinned);
        return new TensorOutputs(
        [
            .. engine.Outputs.Select((o, i) => new Tensor(
                o.Name, context.OutputType(i), [.. context.OutputShape(i)], context.OutputData(i).ToArray())),
        ]);
    }

    public void Dispose() => context.Dispose();

    private int IndexOf(Tensor input)
    {
        for (int i = 0; i < engine.Inputs.Length; i++)
        {
            if (engine.Inputs[i].Name == input.Name && engine.Inputs[i].DataType == input.ElementType.ProtocolName()) return i;
        }

        throw new EngineException(
            EngineErrorKind.InvalidInput, $"The engine has no input '{input.Name}' of type {input.ElementType.ProtocolName()}.");
    }
}
