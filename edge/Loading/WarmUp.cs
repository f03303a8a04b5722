using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;
using Pipeline.Engines;

namespace Pipeline.Edge.Loading;

/// <summary>
/// Runs a new engine on the shapes that it will serve, so that lazy set-up happens before its first request and an engine
/// that cannot run is found before it has users. Inputs are zeros: valid whatever the model does with them.
/// </summary>
internal static class WarmUp
{
    private const int TypicalRuns = 3;

    /// <exception cref="EngineFaultException">WarmUpFailed.</exception>
    public static void Run(IEngine engine, ImmutableArray<ShapeProfile> profiles, CancellationToken cancellationToken)
    {
        if (profiles.IsEmpty)
        {
            // Without profiles only an engine of fixed shapes says what it will serve.
            if (engine.Inputs.All(i => i.Shape.All(d => d > 0))) RunOnce(engine, "fixed", i => i.Shape, cancellationToken);
            return;
        }

        foreach (ShapeProfile profile in profiles)
        {
            RunOnce(engine, profile.Name, i => RangeOf(profile, i).Minimum, cancellationToken);
            for (int run = 0; run < TypicalRuns; run++)
                RunOnce(engine, profile.Name, i => RangeOf(profile, i).Typical, cancellationToken);
            RunOnce(engine, profile.Name, i => RangeOf(profile, i).Maximum, cancellationToken);
        }
    }

    /// <summary>An input that a profile leaves out has fixed dimensions, or 1 where they are free.</summary>
    private static ShapeRange RangeOf(ShapeProfile profile, TensorDescription input)
    {
        if (profile.Inputs.TryGetValue(input.Name, out ShapeRange? range)) return range;
        ImmutableArray<long> ones = [.. input.Shape.Select(d => d < 0 ? 1 : d)];
        return new ShapeRange { Minimum = ones, Typical = ones, Maximum = ones };
    }

    private static void RunOnce(
        IEngine engine, string profile, Func<TensorDescription, ImmutableArray<long>> shapeOf, CancellationToken cancellationToken)
    {
        try
        {
            Tensor[] inputs = [.. engine.Inputs.Select(i => Zeros(i, shapeOf(i)))];
            engine.Run(inputs, cancellationToken).Dispose();
        }
        catch (EngineException e)
        {
            throw new EngineFaultException(
                new(EngineFaultKind.WarmUpFailed, $"It does not run on profile '{profile}': {e.Message}"), e);
        }
    }

    private static Tensor Zeros(TensorDescription input, ImmutableArray<long> shape)
    {
        if (!ElementTypes.TryParseProtocolName(input.DataType, out ElementType type))
            throw new EngineException(EngineErrorKind.InvalidInput, $"Input '{input.Name}' has type '{input.DataType}'.");
        long size = Tensor.SizeBytesOf(type, shape.AsSpan());
        if (size is < 0 or > int.MaxValue)
            throw new EngineException(EngineErrorKind.InvalidInput, $"Input '{input.Name}' is too large to warm up.");
        return new Tensor(input.Name, type, shape, new byte[size]);
    }
}
