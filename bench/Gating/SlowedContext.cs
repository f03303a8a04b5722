using Pipeline.Engines;

namespace Pipeline.Bench.Gating;

/// <summary>A double: the context that is given, with so much busy work after each run.</summary>
internal sealed class SlowedContext(IEngineContext context, TimeSpan extra) : IEngineContext
{
    public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape) =>
        context.SetInput(index, data, sizeBytes, shape);

    public void Run()
    {
        context.Run();
        BusyWork.For(extra);
    }

    public ElementType OutputType(int index) => context.OutputType(index);

    public ReadOnlySpan<long> OutputShape(int index) => context.OutputShape(index);

    public ReadOnlySpan<byte> OutputData(int index) => context.OutputData(index);

    public void Dispose() => context.Dispose();
}
