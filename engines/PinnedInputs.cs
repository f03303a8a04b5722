using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines;

/// <summary>Copies of an engine's inputs, in its own order and in memory that stays where it is, for contexts to run on.</summary>
internal sealed class PinnedInputs
{
    private readonly byte[][] data;
    private readonly long[][] shapes;

    /// <param name="given">Every input of the engine, in any order.</param>
    /// <exception cref="EngineException">InvalidInput: the engine has other inputs than are given.</exception>
    public PinnedInputs(IEngine engine, ImmutableArray<Tensor> given)
    {
        if (engine.Inputs.Length != given.Length) throw OtherInputs(engine, given);
        Tensor[] inputs =
        [
            .. engine.Inputs.Select(i =>
                given.FirstOrDefault(t => t.Name == i.Name && t.ElementType.ProtocolName() == i.DataType)
                ?? throw OtherInputs(engine, given)),
        ];
        data = [.. inputs.Select(Pin)];
        shapes = [.. inputs.Select(i => i.Shape.ToArray())];
    }

    /// <summary>Runs a context of the engine once on these.</summary>
    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public void Run(IEngineContext context)
    {
        for (int i = 0; i < data.Length; i++)
            context.SetInput(i, Marshal.UnsafeAddrOfPinnedArrayElement(data[i], 0), data[i].Length, shapes[i]);
        context.Run();
        GC.KeepAlive(data);
    }

    private static byte[] Pin(Tensor tensor)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(tensor.Data.Length, pinned: true);
        tensor.Data.CopyTo(bytes);
        return bytes;
    }

    private static EngineException OtherInputs(IEngine engine, ImmutableArray<Tensor> given) => new(
        EngineErrorKind.InvalidInput,
        $"The engine takes {Text(engine.Inputs.Select(i => (i.Name, i.DataType)))}, not "
        + $"{Text(given.Select(t => (t.Name, t.ElementType.ProtocolName())))}.");

    private static string Text(IEnumerable<(string Name, string Type)> inputs) =>
        string.Join(", ", inputs.Select(i => $"'{i.Name}' {i.Type}"));
}
