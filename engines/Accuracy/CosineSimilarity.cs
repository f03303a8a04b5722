using System.Numerics.Tensors;

namespace Pipeline.Engines.Accuracy;

/// <summary>Cosine similarity of two tensors, block by block. Sums beyond a double's range count as unlike.</summary>
public struct CosineSimilarity
{
    /// <summary>
    /// About eight units in the last place of 1 in single precision. Tensors whose largest error is within it have cosine 1:
    /// a detector that finds nothing gives rounding noise around zero, whose direction says nothing.
    /// </summary>
    public const double NoiseFloor = 1e-6;

    private double product;
    private double actualSquares;
    private double expectedSquares;

    /// <summary>Set where no number says how far the two are apart; then the cosine is 0.</summary>
    public bool Unlike { get; set; }

    /// <summary>Adds a block of finite elements.</summary>
    public void Add(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        product += TensorPrimitives.Dot(actual, expected);
        actualSquares += TensorPrimitives.SumOfSquares(actual);
        expectedSquares += TensorPrimitives.SumOfSquares(expected);
    }

    /// <summary>The cosine of what was added, -1 to 1; 1 for two all-zero tensors, 0 when only one is.</summary>
    /// <param name="largestError">The largest absolute error of any element that was added.</param>
    public readonly double Within(double largestError)
    {
        if (Unlike) return 0;
        if (largestError <= NoiseFloor) return 1;
        if (actualSquares == 0 || expectedSquares == 0) return 0;
        double value = product / Math.Sqrt(actualSquares) / Math.Sqrt(expectedSquares);
        return double.IsFinite(value) ? Math.Clamp(value, -1, 1) : 0;
    }
}
