namespace Pipeline.Core.Gates;

/// <summary>A ratio new / serving and where it lies with the evidence's confidence.</summary>
public readonly record struct RatioInterval(double Estimate, double Low, double High)
{
    public double Width => High - Low;
}
