using System.Collections.Immutable;
using Pipeline.Core.Policies;

namespace Pipeline.Edge.Batching;

/// <summary>One shape profile, by the engine's inputs instead of by name.</summary>
internal sealed class ShapeBounds(ShapeProfile profile, EngineSignature signature)
{
    private readonly ShapeRange?[] byInput = [.. signature.Inputs.Select(i => profile.Inputs.GetValueOrDefault(i.Name))];
    private readonly long itemsMaximum = signature.Inputs
        .Select(i => profile.Inputs.GetValueOrDefault(i.Name)?.Maximum is [var first, ..] ? first : long.MaxValue)
        .Append(long.MaxValue).Min();

    public string Name => profile.Name;

    /// <summary>Most items of a run on axis 0.</summary>
    public long ItemsMaximum => itemsMaximum;

    /// <summary>What an input may be; null when the profile leaves it open.</summary>
    public ShapeRange? Of(int input) => byInput[input];

    /// <summary>Whether it allows all inputs of a request.</summary>
    /// <param name="firstAxis">0 to look at every axis, 1 to leave out the one that batches grow on.</param>
    public bool Holds(ReadOnlySpan<RunTensor> inputs, int firstAxis)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!Holds(i, inputs[i].Shape, firstAxis)) return false;
        }

        return true;
    }

    /// <summary>Whether it allows an input to have this shape.</summary>
    public bool Holds(int input, ReadOnlySpan<long> shape, int firstAxis = 0)
    {
        if (byInput[input] is not { } range) return true;
        if (shape.Length != range.Minimum.Length || shape.Length != range.Maximum.Length) return false;
        for (int i = firstAxis; i < shape.Length; i++)
        {
            if (shape[i] < range.Minimum[i] || shape[i] > range.Maximum[i]) return false;
        }

        return true;
    }
}
