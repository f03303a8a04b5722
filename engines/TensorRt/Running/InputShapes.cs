using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>The shapes of all inputs of a run, in memory that is made once.</summary>
internal sealed class InputShapes(int inputs)
{
    private const int Stride = NativeShape.DimensionsMaximum + 1;

    private readonly long[] values = new long[inputs * Stride];

    /// <param name="shape">At most as many dimensions as TensorRT takes.</param>
    public void Set(int input, ReadOnlySpan<long> shape)
    {
        Span<long> place = values.AsSpan(input * Stride, Stride);
        place.Clear();
        place[0] = shape.Length;
        shape.CopyTo(place[1..]);
    }

    public ReadOnlySpan<long> this[int input] => values.AsSpan((input * Stride) + 1, (int)values[input * Stride]);

    public bool Equal(InputShapes other) => values.AsSpan().SequenceEqual(other.values);

    public void CopyTo(InputShapes other) => values.CopyTo(other.values.AsSpan());

    /// <summary>The narrowest profile that takes them all; null when there is none.</summary>
    public PlanProfile? Choose(PlanDescription plan)
    {
        foreach (PlanProfile profile in plan.Profiles)
        {
            bool fits = true;
            for (int i = 0; i < inputs && fits; i++) fits = profile.Fits(i, this[i]);
            if (fits) return profile;
        }

        return null;
    }
}
