namespace Pipeline.Engines.Simulation;

/// <summary>A lane of both engines: the double's first, since it is the one that refuses.</summary>
internal sealed class SimulatedContext(IEngineContext device, IEngineContext processor) : IEngineContext
{
    public void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape)
    {
        device.SetInput(index, data, sizeBytes, shape);
        processor.SetInput(index, data, sizeBytes, shape);
    }

    public void Run()
    {
        device.Run();
        processor.Run();
    }

    public ElementType OutputType(int index) => processor.OutputType(index);

    public ReadOnlySpan<long> OutputShape(int index) => processor.OutputShape(index);

    public ReadOnlySpan<byte> OutputData(int index) => processor.OutputData(index);

    public void Dispose()
    {
        device.Dispose();
        processor.Dispose();
    }
}
