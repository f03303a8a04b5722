using System.Buffers;
using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Engines;
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
    /// Runs one lane's context on every profile, its largest shapes first, so that its memory is made once; on a device with every
    /// number of items that runs will have; then as often as an engine is run on its typical ones.
    /// </summary>
    /// <exception cref="EngineFaultException">WarmUpFailed or MemoryExceeded.</exception>
    public static void Run(
        IEngineContext context, PacedEngine engine, ImmutableArray<ShapeProfile> profiles, CancellationToken cancellationToken)
    {
        try
        {
            foreach (ShapeProfile profile in ShapeProfiles.Resolve(engine.Inputs, profiles))
            {
                Run(context, engine, profile.Shapes(ProfileSize.Maximum), 1, cancellationToken);
                if (engine.IsOnDevice) RunSizesOf(context, engine, profile, cancellationToken);
                Run(context, engine, profile.Shapes(ProfileSize.Minimum), 1, cancellationToken);
                Run(context, engine, profile.Shapes(ProfileSize.Typical), TypicalRuns, cancellationToken);
            }
        }
        catch (EngineException e)
        {
            throw EngineFaultException.Of(e, EngineFaultKind.WarmUpFailed)!;
        }
    }

    private static void RunSizesOf(
        IEngineContext context, PacedEngine engine, ShapeProfile profile, CancellationToken cancellationToken)
    {
        if (BatchPlan.FixedAxis(new EngineSignature(engine)) is not null) return;
        ImmutableSortedDictionary<string, ImmutableArray<long>> typical = profile.Shapes(ProfileSize.Typical);
        int minimum = (int)profile.Inputs.Values.Max(r => r.Minimum[0]);
        int maximum = (int)profile.Inputs.Values.Min(r => r.Maximum[0]);
        foreach (int size in maximum > minimum ? RunSizes.From(Math.Max(1, minimum), maximum) : [])
        {
            Run(
                context, engine, typical.ToImmutableSortedDictionary(i => i.Key, i => i.Value.SetItem(0, size), StringComparer.Ordinal),
                1, cancellationToken);
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
