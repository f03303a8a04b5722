using System.Collections.Immutable;
using Pipeline.Core.Policies;
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
            throw new EngineFaultException(new(EngineFaultKind.WarmUpFailed, e.Message), e);
        }
    }
}
