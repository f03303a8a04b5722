using System.Runtime.InteropServices;

namespace Pipeline.Engines;

/// <summary>
/// A context over <see cref="IEngine.Run"/>, for engines that have none of their own. It copies inputs and allocates.
/// </summary>
internal sealed class RunContext(IEngine engine) : IEngineContext
{
    private readonly Tensor?[] inputs = new Tensor?[engine.Inputs.Length];
    private EngineOutputs? outputs;

    public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
    {
        _ = ElementTypes.TryParseProtocolName(engine.Inputs[index].DataType, out ElementType type);
        byte[] copy = new byte[sizeBytes];
        Marshal.Copy(data, copy, 0, copy.Length);
        inputs[index] = new Tensor(engine.Inputs[index].Name, type, [.. shape], copy);
    }

    public void Run()
    {
        outputs?.Dispose();
        outputs = null;
        Tensor[] given = [.. inputs.OfType<Tensor>()];
        Array.Clear(inputs);
        outputs = engine.Run(given, CancellationToken.None);
    }

    public ElementType OutputType(int index) => outputs!.ElementType(index);

    public ReadOnlySpan<long> OutputShape(int index) => outputs!.Shape(index).AsSpan();

    public ReadOnlySpan<byte> OutputData(int index) => outputs!.Data(index);

    public void Dispose() => outputs?.Dispose();
}
