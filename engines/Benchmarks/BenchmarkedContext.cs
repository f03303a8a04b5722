using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Engines.Benchmarks;

/// <summary>A context of an engine that is given the same inputs run after run, from memory that stays where it is.</summary>
internal sealed class BenchmarkedContext : IDisposable
{
    private readonly IEngineContext context;
    private readonly byte[][] pinned;
    private readonly long[][] shapes;

    /// <param name="given">Every input of the engine, in any order.</param>
    /// <exception cref="EngineException">InvalidInput: the engine has other inputs than are given.</exception>
    public BenchmarkedContext(IEngine engine, ImmutableArray<Tensor> given)
    {
        if (engine.Inputs.Length != given.Length) throw OtherInputs(engine, given);
        Tensor[] inputs =
        [
            .. engine.Inputs.Select(i =>
                given.FirstOrDefault(t => t.Name == i.Name && t.ElementType.ProtocolName() == i.DataType)
                ?? throw OtherInputs(engine, given)),
        ];
        pinned = [.. inputs.Select(Pin)];
        shapes = [.. inputs.Select(i => i.Shape.ToArray())];
        context = engine.CreateContext();
    }

    /// <exception cref="EngineException">InvalidInput or RunFailed.</exception>
    public void Run()
    {
        for (int i = 0; i < pinned.Length; i++)
            context.SetInput(i, Marshal.UnsafeAddrOfPinnedArrayElement(pinned[i], 0), pinned[i].Length, shapes[i]);
        context.Run();
    }

    public void Dispose() => context.Dispose();

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
