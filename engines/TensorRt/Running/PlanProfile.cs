using System.Collections.Immutable;

namespace Pipeline.Engines.TensorRt.Running;

/// <summary>The shapes that a plan's shape profile takes, by input.</summary>
internal sealed record PlanProfile(int Number, ImmutableArray<long[]> Minimum, ImmutableArray<long[]> Maximum)
{
    /// <summary>How much it spans: of several that fit, the narrowest is the fastest.</summary>
    public double Volume { get; } = Maximum.Sum(shape => shape.Aggregate(1.0, (product, dimension) => product * Math.Max(1, dimension)));

    public bool Fits(int input, ReadOnlySpan<long> shape)
    {
        long[] minimum = Minimum[input];
        long[] maximum = Maximum[input];
        if (shape.Length != minimum.Length || shape.Length != maximum.Length) return false;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] < minimum[i] || shape[i] > maximum[i]) return false;
        }

        return true;
    }

    /// <summary>Such as <c>[1, 3, 48, 320] to [8, 3, 48, 640]</c>.</summary>
    public string Text(int input) => $"[{string.Join(", ", Minimum[input])}] to [{string.Join(", ", Maximum[input])}]";
}
