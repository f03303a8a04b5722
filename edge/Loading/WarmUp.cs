using System.Buffers;
using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Engines;
using Pipeline.Engines.Cuda;
using Pipeline.Engines.Profiles;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Runs a new engine on every shape that it was gated for, so that lazy set-up happens before its first request and an
/// engine that cannot run here is found before it has users.
/// </summary>
internal static class WarmUp
{
    private const int Seed = 1;
    private const int TypicalRuns = 3;

    /// <summary>
    /// ONNX Runtime captures a graph in the second run of a shape, when nothing else runs just then, or else in the next; TensorRT's
    /// contexts do in the third.
    /// </summary>
    private const int DeviceRuns = 3;

    /// <exception cref="EngineFaultException">WarmUpFailed.</exception>
    public static void Run(IEngine engine, ImmutableArray<ShapeProfile> profiles, CancellationToken cancellationToken)
    {
        try
        {
            ImmutableArray<ShapeProfile> resolved = ShapeProfiles.Resolve(engine.Inputs, profiles);
            ProfileChecker.Run(engine, resolved, Seed, cancellationToken);
            foreach (ShapeProfile profile in resolved)
            {
                ImmutableArray<Tensor> typical =
                    SeededInputs.Create(engine.Inputs, profile.Shapes(ProfileSize.Typical), Seed);
                for (int run = 0; run < TypicalRuns; run++) engine.Run(typical.AsSpan(), cancellationToken).Dispose();
            }
        }
        catch (EngineException e)
        {
            throw EngineFaultException.Of(e, EngineFaultKind.WarmUpFailed)!;
        }
    }

    /// <summary>
    /// Runs the context of a device's lane on all shapes that runs will have, on the thread that will serve. The largest come first, so
    /// that memory is made once and graphs keep their addresses.
    /// </summary>
    /// <exception cref="EngineFaultException">WarmUpFailed or MemoryExceeded.</exception>
    public static void Run(
        IEngineContext context, PacedEngine engine, BatchPlan plan, ImmutableArray<ShapeProfile> profiles,
        CancellationToken cancellationToken)
    {
        try
        {
            ImmutableArray<ShapeProfile> resolved = ShapeProfiles.Resolve(engine.Inputs, profiles);
            foreach (ShapeProfile profile in resolved)
                Run(context, engine, RunShapes.Of(plan, profile.Shapes(ProfileSize.Maximum)), 1, cancellationToken);
            foreach (ImmutableSortedDictionary<string, ImmutableArray<long>> shapes in RunShapes.Among(plan, resolved))
                Run(context, engine, shapes, DeviceRuns, cancellationToken);
        }
        catch (Exception e) when (e is EngineException or CudaException)
        {
            throw EngineFaultException.Of(e, EngineFaultKind.WarmUpFailed)!;
        }
    }

    private static void Run(
        IEngineContext context, PacedEngine engine, ImmutableSortedDictionary<string, ImmutableArray<long>> shapes, int times,
        CancellationToken cancellationToken)
    {
        ImmutableArray<Tensor> inputs = SeededInputs.Create(engine.Inputs, shapes, Seed);
        MemoryHandle[] pins = [.. inputs.Select(i => i.Data.Pin())];
        try
        {
            for (int run = 0; run < times; run++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (int i = 0; i < pins.Length; i++)
                    context.SetInput(i, Address(pins[i]), inputs[i].Data.Length, inputs[i].Shape.AsSpan());
                engine.Pace(context.Run, cancellationToken);
            }
        }
        finally
        {
            foreach (MemoryHandle pin in pins) pin.Dispose();
        }
    }

    private static unsafe nint Address(MemoryHandle pin) => (nint)pin.Pointer;
}
