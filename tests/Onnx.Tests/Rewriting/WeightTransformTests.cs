using FsCheck;
using FsCheck.Fluent;
using Pipeline.Onnx.Rewriting;

namespace Pipeline.Onnx.Tests.Rewriting;

public sealed class WeightTransformTests
{
    [Theory]
    [InlineData(0x3F800000u, 0x3F800000u)] // 1 is a bfloat16
    [InlineData(0x3F808000u, 0x3F800000u)] // half-way: down to even
    [InlineData(0x3F818000u, 0x3F820000u)] // half-way: up to even
    [InlineData(0x3F808001u, 0x3F810000u)] // above half-way
    [InlineData(0x3F807FFFu, 0x3F800000u)] // below half-way
    [InlineData(0xBF808001u, 0xBF810000u)] // the sign stays
    [InlineData(0x80000000u, 0x80000000u)] // minus zero
    [InlineData(0x00000001u, 0x00000000u)] // a tiny number vanishes
    [InlineData(0x7F7FFFFFu, 0x7F800000u)] // beyond the range, as IEEE 754 rounds
    [InlineData(0x7F800000u, 0x7F800000u)] // infinity
    [InlineData(0xFF800000u, 0xFF800000u)]
    [InlineData(0x7FC01234u, 0x7FC01234u)] // NaN keeps its payload
    [InlineData(0xFF800001u, 0xFF800001u)] // also one that would become infinity
    public void BFloat16_OfBits_RoundsToNearestEven(uint before, uint after) =>
        Assert.Equal(after, Bits(WeightTransform.RoundToBFloat16, before, 0));

    [Fact]
    public void Quantize_OfAValue_GivesTheNearestOfFifteenLevels()
    {
        WeightTransform transform = WeightTransform.QuantizeToBits(4);

        float[] values = [7, 5.6f, -7, 0.49f, -0.3f, 3.4f];
        Assert.Equal([7, 6, -7, 0, 0, 3], values.Select(value => transform.Apply(value, 7)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void Quantize_ToImpossibleBits_Throws(int bits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightTransform.QuantizeToBits(bits));

    [Fact]
    public void Transforms_Applied_AreIdempotentOddAndStayInRange() =>
        Prop.ForAll<uint, uint, int>((value, largest, choice) =>
        {
            int bits = 2 + (int)((uint)choice % 15);
            foreach (WeightTransform transform in (WeightTransform[])
                [WeightTransform.RoundToBFloat16, WeightTransform.QuantizeToBits(bits)])
            {
                float range = MathF.Abs(BitConverter.UInt32BitsToSingle(largest));
                float before = BitConverter.UInt32BitsToSingle(value);
                if (!float.IsFinite(range) || !(MathF.Abs(before) <= range)) continue;
                float once = transform.Apply(before, range);
                if (Bits(once) != Bits(transform.Apply(once, range))) return false;
                if (Bits(-once) != Bits(transform.Apply(-before, range))) return false;
                if (transform.NeedsRange && MathF.Abs(once) > range) return false;
                if (transform.NeedsRange && Bits(range) != Bits(transform.Apply(range, range))) return false;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithStartSize(int.MaxValue).WithEndSize(int.MaxValue));

    private static uint Bits(WeightTransform transform, uint bits, float range) =>
        Bits(transform.Apply(BitConverter.UInt32BitsToSingle(bits), range));

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
