namespace Pipeline.Onnx.Rewriting;

/// <summary>
/// Changes float32 weights one by one. NaN and infinities stay as they are, and applying a transform twice gives the
/// same bytes as applying it once.
/// </summary>
public sealed class WeightTransform
{
    private readonly Func<float, float, float> apply;

    private WeightTransform(string name, bool needsRange, Func<float, float, float> apply)
    {
        Name = name;
        NeedsRange = needsRange;
        this.apply = apply;
    }

    /// <summary>Rounds to the nearest bfloat16, ties to even: a small loss that a good model survives.</summary>
    public static WeightTransform RoundToBFloat16 { get; } =
        new("bf16", needsRange: false, (value, _) => BFloat16(value));

    /// <summary>A short name for messages: "bf16", "int4".</summary>
    public string Name { get; }

    /// <summary>Whether the largest finite magnitude of the tensor must be known first.</summary>
    internal bool NeedsRange { get; }

    /// <summary>
    /// Rounds each tensor to 2^bits - 1 evenly spaced values around zero, as symmetric integer quantization does;
    /// <paramref name="bits"/> is 2 to 16. With 4 bits most models are truly degraded.
    /// </summary>
    public static WeightTransform QuantizeToBits(int bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 16);
        double levels = (1 << (bits - 1)) - 1;
        return new($"int{bits}", needsRange: true, (value, range) => Quantize(value, range, levels));
    }

    internal float Apply(float value, float range) => float.IsFinite(value) ? apply(value, range) : value;

    private static float BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint toEven = 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle((bits + toEven) & 0xFFFF_0000);
    }

    // In double the largest value maps to itself exactly, so the range of the result is the range of the input:
    // that is what makes a second pass change nothing.
    private static float Quantize(float value, float range, double levels) =>
        range == 0 ? value : (float)(Math.Round(value * levels / range) * range / levels);
}
