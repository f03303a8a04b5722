using System.Collections.Immutable;
using Pipeline.Core.Builds;

namespace Pipeline.Engines.Simulation;

/// <summary>
/// A model on the double and on ONNX Runtime. Each run is done by both: the double takes memory of its device and refuses what its
/// plan was not built for; the answers are ONNX Runtime's.
/// </summary>
internal sealed class SimulatedEngine : IEngine
{
    private readonly IEngine device;
    private readonly IEngine processor;

    /// <summary>Takes both engines; they stay the caller's when they are not of one model.</summary>
    /// <exception cref="EngineException">LoadFailed.</exception>
    public SimulatedEngine(IEngine device, IEngine processor)
    {
        (this.device, this.processor) = (device, processor);
        if (Inputs(device).SequenceEqual(Inputs(processor)) && Outputs(device).SequenceEqual(Outputs(processor))) return;
        throw new EngineException(
            EngineErrorKind.LoadFailed, "The simulated engine does not load: its two parts have other inputs or outputs.");

        // Where inputs are set by their position, that must be the same in both.
        static IEnumerable<(string Name, string Type, int Rank)> Inputs(IEngine engine) =>
            engine.Inputs.Select(i => (i.Name, i.DataType, i.Shape.Length));
        static IEnumerable<string> Outputs(IEngine engine) => engine.Outputs.Select(o => o.Name);
    }

    public string Description => $"SIMULATED: {device.Description}; answers by {processor.Description}";

    public ImmutableArray<TensorDescription> Inputs => processor.Inputs;

    public ImmutableArray<TensorDescription> Outputs => processor.Outputs;

    public ImmutableSortedDictionary<string, ImmutableArray<string>> DimensionNames => processor.DimensionNames;

    public long DeviceMemoryBytes => device.DeviceMemoryBytes;

    public int Threads => processor.Threads;

    public EngineOutputs Run(ReadOnlySpan<Tensor> inputs, CancellationToken cancellationToken)
    {
        device.Run(inputs, cancellationToken).Dispose();
        return processor.Run(inputs, cancellationToken);
    }

    public IEngineContext CreateContext()
    {
        IEngineContext onDevice = device.CreateContext();
        try
        {
            return new SimulatedContext(onDevice, processor.CreateContext());
        }
        catch
        {
            onDevice.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        device.Dispose();
        processor.Dispose();
    }
}
