using System.Collections.Immutable;
using Pipeline.Edge.Batching;

namespace Pipeline.Edge.Protocol;

/// <summary>
/// The shapes that an engine was gated for. A request outside all of them is refused rather than tried: nothing is
/// known about the engine there, and a failure would count against the version.
/// </summary>
internal static class ShapeClass
{
    /// <exception cref="ProtocolException">No profile holds the shapes of all inputs.</exception>
    public static void Check(ReadOnlySpan<byte> json, ReadOnlySpan<RequestInput> inputs, ImmutableArray<ShapeBounds> profiles)
    {
        if (profiles.IsEmpty) return;
        foreach (ShapeBounds profile in profiles)
        {
            if (FirstOutside(inputs, profile) < 0) return;
        }

        // With one profile the sentence can say which input, and what would have fitted.
        RequestInput outside = inputs[FirstOutside(inputs, profiles[0])];
        string allowed = profiles is [var only] && only.Of(outside.EngineIndex) is { } range
            ? $"it may be {ShapeText.Of(range.Minimum)} to {ShapeText.Of(range.Maximum)}"
            : $"the profiles are '{string.Join("', '", profiles.Select(p => p.Name))}'";
        throw ProtocolException.BadRequest(
            $"Input '{outside.Name.In(json)}' has shape {ShapeText.Of(outside.Shape)}, outside what the engine was " +
            $"checked for: {allowed}.");
    }

    private static int FirstOutside(ReadOnlySpan<RequestInput> inputs, ShapeBounds profile)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!profile.Holds(inputs[i].EngineIndex, inputs[i].Shape)) return i;
        }

        return -1;
    }
}
