using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;

namespace Pipeline.Engines.Profiles;

/// <summary>Runs every profile at its minimum, typical and maximum shapes.</summary>
public static class ProfileChecker
{
    /// <param name="profiles">As <see cref="ShapeProfiles.Resolve"/> gave them.</param>
    /// <exception cref="EngineException">
    /// ProfileFailed: a run failed, or gave outputs that the engine does not declare.
    /// </exception>
    public static void Run(
        IEngine engine, ImmutableArray<ShapeProfile> profiles, int seed, CancellationToken cancellationToken)
    {
        foreach (ShapeProfile profile in profiles)
        {
            ProfileSize[] sizes = IsOneSize(profile) ? [ProfileSize.Typical] : Enum.GetValues<ProfileSize>();
            foreach (ProfileSize size in sizes)
            {
                ImmutableArray<Tensor> inputs = SeededInputs.Create(engine.Inputs, profile.Shapes(size), seed);
                string shapes = string.Join(", ", inputs.Select(i => $"'{i.Name}' [{string.Join(", ", i.Shape)}]"));
                string which = size.ToString().ToLowerInvariant();
                string what = $"Shape profile '{profile.Name}' at its {which} shapes ({shapes})";
                try
                {
                    using EngineOutputs outputs = engine.Run(inputs.AsSpan(), cancellationToken);
                    CheckOutputs(engine.Outputs, outputs, what);
                }
                catch (EngineException e) when (e.Kind is EngineErrorKind.RunFailed or EngineErrorKind.InvalidInput)
                {
                    throw new EngineException(
                        EngineErrorKind.ProfileFailed, $"{what} does not run. {Advice(profile)} {e.Message}", e);
                }
            }
        }
    }

    private static string Advice(ShapeProfile profile) => profile.Name == ShapeProfiles.DefaultName
        ? "The policy states no profiles, so every free dimension was 1; state shapes that the model takes " +
          "under 'profiles' in promotion.json."
        : "Correct the shapes under 'profiles' in promotion.json, or export the model so that it takes them.";

    private static bool IsOneSize(ShapeProfile profile) => profile.Inputs.Values.All(
        r => r.Minimum.SequenceEqual(r.Typical) && r.Typical.SequenceEqual(r.Maximum));

    private static void CheckOutputs(ImmutableArray<TensorDescription> declared, EngineOutputs outputs, string what)
    {
        for (int i = 0; i < declared.Length; i++)
        {
            ImmutableArray<long> shape = outputs.Shape(i);
            if (Fits(shape, declared[i].Shape)) continue;
            throw new EngineException(
                EngineErrorKind.ProfileFailed,
                $"{what} gave output '{declared[i].Name}' of shape [{string.Join(", ", shape)}]; the model declares " +
                $"[{string.Join(", ", declared[i].Shape)}], -1 being free. " +
                "Export the model with the right output shape.");
        }
    }

    private static bool Fits(ImmutableArray<long> shape, ImmutableArray<long> declared) =>
        shape.Length == declared.Length && shape.Zip(declared).All(d => d.Second < 0 || d.First == d.Second);
}
