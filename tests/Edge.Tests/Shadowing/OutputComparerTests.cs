using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Gates;
using Pipeline.Edge.Shadowing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;
using Pipeline.Engines.Accuracy;

namespace Pipeline.Edge.Tests.Shadowing;

public sealed class OutputComparerTests
{
    [Theory]
    [InlineData(new[] { 1f, 2, 3 }, new[] { 1f, 2, 3 }, 1, 0)]
    [InlineData(new[] { 1f, 2, 3 }, new[] { 2f, 4, 6 }, 1, 3)]
    [InlineData(new[] { 1f, 0 }, new[] { 0f, 1 }, 0, 1)]
    [InlineData(new[] { 1f, 2 }, new[] { -1f, -2 }, -1, 4)]
    // Nothing found on both sides, and on one.
    [InlineData(new[] { 0f, 0 }, new[] { 0f, -0f }, 1, 0)]
    [InlineData(new[] { 0f, 0 }, new[] { 0f, 1 }, 0, 1)]
    // Noise has no direction.
    [InlineData(new[] { 0f, 5e-7f }, new[] { 5e-7f, 0 }, 1, 5e-7)]
    public void Floats_AreCompared(float[] stable, float[] candidate, double cosine, double error)
    {
        ShadowComparison comparison = Compare(stable, candidate);
        Assert.False(comparison.IsUnlike);
        Assert.Equal(cosine, comparison.Cosine, 9);
        Assert.Equal(error, comparison.MaximumAbsoluteError, 9);
    }

    [Theory]
    [InlineData(new[] { 1f, 2 }, new[] { 1f, float.NaN }, true)]
    [InlineData(new[] { 1f, float.NaN }, new[] { 1f, 2 }, true)]
    [InlineData(new[] { 1f, 2 }, new[] { 1f, float.PositiveInfinity }, true)]
    [InlineData(new[] { 1f, float.NegativeInfinity }, new[] { 1f, float.PositiveInfinity }, true)]
    // The client sent NaN, and both answered so.
    [InlineData(new[] { 1f, float.NaN }, new[] { 1f, float.NaN }, false)]
    [InlineData(new[] { 1f, float.NaN }, new[] { 1.0000001f, float.NaN }, false)]
    [InlineData(new[] { 1f, float.PositiveInfinity }, new[] { 1.0000001f, float.PositiveInfinity }, false)]
    public void NotFinite_IsUnlike_UnlessStableSaysTheSame(float[] stable, float[] candidate, bool unlike)
    {
        ShadowComparison comparison = Compare(stable, candidate);
        Assert.Equal(unlike, comparison.IsUnlike);
        Assert.Equal(unlike ? 0 : 1, comparison.Cosine, 6);
    }

    [Theory]
    [InlineData(ElementType.Int64)]
    [InlineData(ElementType.Int32)]
    [InlineData(ElementType.UInt16)]
    [InlineData(ElementType.Bool)]
    public void WholeNumbers_AreEqualOrNot(ElementType type)
    {
        byte[] stable = new byte[8 * type.SizeBytes()];
        byte[] candidate = [.. stable];
        candidate[0] = 1;

        ShadowComparison comparison = OutputComparer.Compare(type, stable, candidate, rowLength: 4);

        Assert.Equal(new ShadowComparison(false, 7 / 8.0, 1, 8, 7), comparison);
    }

    [Fact]
    public void WholeNumbers_BeyondADoublesDigits_AreToldApart()
    {
        ShadowComparison comparison = OutputComparer.Compare(
            ElementType.Int64, Bytes<long>([(1L << 60) + 1]), Bytes<long>([1L << 60]), rowLength: 0);
        Assert.Equal((0, 1, 0), (comparison.Cosine, comparison.Rows, comparison.RowsAgreeing));
    }

    [Fact]
    public void Outputs_OfOtherShapeTypeOrName_AreUnlike()
    {
        using var stable = new TensorOutputs([Row("a", [1, 2])]);
        foreach (Tensor other in new[]
        {
            Tensor.Copy<float>("a", [1, 2], 2, 1), Tensor.Copy<float>("a", [1, 2, 3], 1, 3),
            Tensor.Copy<int>("a", [1, 2], 1, 2), Row("b", [1, 2]),
        })
        {
            using var candidate = new TensorOutputs([other]);
            Assert.True(OutputComparer.Compare(stable, candidate).IsUnlike);
        }

        Assert.True(OutputComparer.Compare(ElementType.Float32, new byte[8], new byte[4], 0).IsUnlike);
    }

    [Fact]
    public void Outputs_Together_AreAsFarApartAsTheWorst()
    {
        using var stable = new TensorOutputs([Row("a", [1, 2]), Row("b", [3, 1]), Row("same", [1, 2])]);
        using var candidate = new TensorOutputs([Row("more", [0]), Row("same", [1, 2]), Row("b", [1, 3]), Row("a", [1, 2.5f])]);

        ShadowComparison comparison = OutputComparer.Compare(stable, candidate);

        Assert.Equal((false, 0.6, 2), (comparison.IsUnlike, comparison.Cosine, comparison.MaximumAbsoluteError));
        Assert.Equal((3, 2), (comparison.Rows, comparison.RowsAgreeing));
    }

    [Fact]
    public void Floats_OfAnyTypeAndRow_CompareAsTheAccuracyGateDoes()
    {
        Gen<(int Rows, int Row, ElementType Type, int Seed)> cases =
            from rows in Gen.Choose(1, 5)
            from row in Gen.OneOf(Gen.Choose(1, 40), Gen.Choose(500, 1500))
            from type in Gen.Elements(ElementType.Float32, ElementType.Float64, ElementType.Float16, ElementType.BFloat16)
            from seed in Gen.Choose(0, int.MaxValue)
            select (rows, row, type, seed);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            (byte[] stable, byte[] candidate) = Near(c.Type, c.Rows * c.Row, new System.Random(c.Seed));
            using var expected = new TensorOutputs([new Tensor("y", c.Type, [c.Rows, c.Row], stable)]);
            using var actual = new TensorOutputs([new Tensor("y", c.Type, [c.Rows, c.Row], candidate)]);
            var gate = new AccuracyComparer();
            gate.Add(actual, expected);
            OutputAccuracy accuracy = gate.Outputs[0];
            ShadowComparison comparison = OutputComparer.Compare(expected, actual);
            return Math.Abs(comparison.Cosine - accuracy.CosineMinimum) < 1e-9
                && comparison.MaximumAbsoluteError == accuracy.MaximumAbsoluteError
                && comparison.Top1Agreement == (accuracy.Top1Agreement ?? 1)
                && comparison.IsUnlike == (accuracy.NanCount + accuracy.InfinityCount > 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public async Task Comparing_OnceItIsCompiledWell_AllocatesNothing()
    {
        (byte[] stable, byte[] candidate) = Near(ElementType.Float32, 5000, new System.Random(1));
        Assert.NotEqual(stable, candidate);
        // The first, quick compilation boxes in the vector code of the library.
        await EdgeHarness.Until(() => Allocated(stable, candidate) == 0, "comparing allocates nothing");
    }

    private static long Allocated(byte[] stable, byte[] candidate)
    {
        long[] shape = [2, 2500];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            OutputComparer.Compare(ElementType.Float32, shape, stable, ElementType.Float32, shape, candidate);
            OutputComparer.Compare(ElementType.Int32, stable, candidate, 0);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Two sides with a few ties, zeros, changed elements and, at times, NaN on one.</summary>
    private static (byte[] Stable, byte[] Candidate) Near(ElementType type, int count, System.Random random)
    {
        float[] stable = [.. Enumerable.Range(0, count).Select(_ => random.Next(-8, 9) / 4f)];
        float[] candidate = [.. stable.Select(x => random.Next(20) == 0 ? x + random.Next(-4, 5) / 8f : x)];
        if (random.Next(4) == 0) candidate[random.Next(count)] = random.Next(2) == 0 ? float.NaN : float.PositiveInfinity;
        return (Elements(type, stable), Elements(type, candidate));
    }

    private static byte[] Elements(ElementType type, float[] values) => type switch
    {
        ElementType.Float32 => Bytes<float>(values),
        ElementType.Float64 => Bytes<double>([.. values.Select(v => (double)v)]),
        ElementType.Float16 => Bytes<Half>([.. values.Select(v => (Half)v)]),
        _ => Bytes<ushort>([.. values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))]),
    };

    private static ShadowComparison Compare(float[] stable, float[] candidate) =>
        OutputComparer.Compare(ElementType.Float32, Bytes<float>(stable), Bytes<float>(candidate), rowLength: 0);

    private static Tensor Row(string name, float[] values) => Tensor.Copy<float>(name, values, 1, values.Length);

    private static byte[] Bytes<T>(ReadOnlySpan<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}
