using System.Collections.Immutable;
using Pipeline.Core.Policies;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// The shapes that an engine was gated for. A request outside all of them is refused rather than tried: nothing is
/// known about the engine there, and a failure would count against the version.
/// </summary>
internal static class ShapeClass
{
    /// <exception cref="ProtocolException">No profile holds the shapes of all inputs.</exception>
    public static void Check(List<RequestInput> inputs, ImmutableArray<ShapeProfile> profiles)
    {
        if (profiles.IsEmpty) return;
        foreach (ShapeProfile profile in profiles)
        {
            if (FirstOutside(inputs, profile) is null) return;
        }

        // With one profile the sentence can say which input, and what would have fitted.
        RequestInput outside = FirstOutside(inputs, profiles[0])!;
        string allowed = profiles is [var only] && only.Inputs.TryGetValue(outside.Name, out ShapeRange? range)
            ? $"it may be {ShapeText.Of(range.Minimum)} to {ShapeText.Of(range.Maximum)}"
            : $"the profiles are '{string.Join("', '", profiles.Select(p => p.Name))}'";
        throw ProtocolException.BadRequest(
            $"Input '{outside.Name}' has shape {ShapeText.Of(outside.Shape)}, outside what the engine was " +
            $"checked for: {allowed}.");
    }

    private static RequestInput? FirstOutside(List<RequestInput> inputs, ShapeProfile profile)
    {
        foreach (RequestInput input in inputs)
        {
            if (profile.Inputs.TryGetValue(input.Name, out ShapeRange? range) && !Holds(range, input.Shape))
                return input;
        }

        return null;
    }

    private static bool Holds(ShapeRange range, ImmutableArray<long> shape)
    {
        if (shape.Length != range.Minimum.Length || shape.Length != range.Maximum.Length) return false;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] < range.Minimum[i] || shape[i] > range.Maximum[i]) return false;
        }

        return true;
    }
}
