using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Gates;
using Pipeline.Engines.Accuracy;

namespace Pipeline.Engines.Tests.Accuracy;

public sealed class AccuracyComparerTests
{
    [Fact]
    public void Compare_KnownNumbers_GiveKnownErrors()
    {
        OutputAccuracy output = Compare([3, 4], [4, 3]);

        Assert.Equal(24 / 25.0, output.CosineMinimum, 12);
        Assert.Equal(1, output.MaximumAbsoluteError);
        Assert.Equal(1 / 3.0, output.MaximumRelativeError, 12);
        Assert.Equal(2, output.ElementCount);
        Assert.Null(output.Top1Agreement);
    }

    [Theory]
    [InlineData(new float[] { 0, 0 }, new float[] { 0, 0 }, 1)]
    [InlineData(new float[] { 0, 0 }, new float[] { 1, 0 }, 0)]
    [InlineData(new float[] { 1, 0 }, new float[] { 0, 0 }, 0)]
    [InlineData(new float[] { -1, -2 }, new float[] { 1, 2 }, -1)]
    public void Compare_SpecialVectors_HaveACosine(float[] engine, float[] reference, double cosine) =>
        Assert.Equal(cosine, Compare(engine, reference).CosineMinimum, 12);

    [Theory]
    [InlineData(1e-6f, 1)]
    [InlineData(2e-6f, 0)]
    public void Compare_RoundingNoiseAroundZero_HasNoDirection(float noise, double cosine) =>
        Assert.Equal(cosine, Compare([noise, 0], [0, noise]).CosineMinimum, 6);

    [Fact]
    public void Compare_SmallReference_RelativeErrorHasAFloor() =>
        Assert.Equal(0.5, Compare([5e-7f], [0]).MaximumRelativeError, 6);

    [Fact]
    public void Compare_TinyReference_SaysHowTiny()
    {
        Assert.Equal(5e-7, Compare([1, 0], [-5e-7f, 1e-7f]).ReferenceMaximum!.Value, 9);
        Assert.Equal(4, Compare([1, 0, 1], [-4, 3, float.NaN]).ReferenceMaximum);
    }

    [Fact]
    public void Compare_NotFinite_IsCountedAndKeptOutOfTheErrors()
    {
        OutputAccuracy output = Compare(
            [float.NaN, float.PositiveInfinity, float.NaN, float.NegativeInfinity, 1],
            [1, 1, float.NaN, float.NegativeInfinity, 1]);

        Assert.Equal((1, 1), (output.NanCount, output.InfinityCount));
        Assert.Equal(0, output.CosineMinimum);
        Assert.Equal(0, output.MaximumAbsoluteError);
    }

    [Fact]
    public void Compare_NotFiniteOnBothSidesAlike_IsNoDifference()
    {
        OutputAccuracy output = Compare([float.NaN, float.PositiveInfinity, 1], [float.NaN, float.PositiveInfinity, 1]);
        Assert.Equal((0, 0, 1.0), (output.NanCount, output.InfinityCount, output.CosineMinimum));
    }

    [Fact]
    public void Compare_ValuesBeyondRange_StayFinite()
    {
        var comparer = new AccuracyComparer();
        comparer.Add(
            Outputs(Tensor.Copy<double>("y", [1e308, -1e308], 2)),
            Outputs(Tensor.Copy<double>("y", [-1e308, 1e308], 2)));
        OutputAccuracy output = Assert.Single(comparer.Outputs);
        Assert.True(double.IsFinite(output.MaximumAbsoluteError) && double.IsFinite(output.MaximumRelativeError));
        Assert.Equal(0, output.CosineMinimum);
    }

    [Fact]
    public void Compare_Rows_CountThoseWithTheSameTopClass()
    {
        OutputAccuracy output = Compare([1, 2, 9, 0, 5, 4, 0, 1], [0, 3, 8, 1, 4, 5, 0, 2], 2, 2, 2);
        Assert.Equal(0.75, output.Top1Agreement);
    }

    [Theory]
    [InlineData(new long[] { 8 })]
    [InlineData(new long[] { 8, 1 })]
    public void Compare_NoRows_HasNoTop1(long[] shape) =>
        Assert.Null(Compare(new float[8], new float[8], shape).Top1Agreement);

    [Fact]
    public void Compare_Integers_HaveErrorsButNoTop1()
    {
        var comparer = new AccuracyComparer();
        comparer.Add(
            Outputs(Tensor.Copy<long>("y", [1, 2, 3, 4], 2, 2)),
            Outputs(Tensor.Copy<long>("y", [1, 2, 3, 7], 2, 2)));
        OutputAccuracy output = Assert.Single(comparer.Outputs);
        Assert.Equal(3, output.MaximumAbsoluteError);
        Assert.Null(output.Top1Agreement);
    }

    [Fact]
    public void Compare_SeveralSamples_KeepTheWorst()
    {
        var comparer = new AccuracyComparer();
        foreach (float[] engine in new float[][] { [1, 0], [3, 4], [1, 0] })
        {
            comparer.Add(Outputs(Tensor.Copy<float>("y", engine, 2)), Outputs(Tensor.Copy<float>("y", [1, 0], 2)));
        }

        OutputAccuracy output = Assert.Single(comparer.Outputs);
        Assert.Equal(0.6, output.CosineMinimum, 12);
        Assert.Equal(4, output.MaximumAbsoluteError);
        Assert.Equal(6, output.ElementCount);
    }

    [Fact]
    public void Compare_OtherShapeOrName_IsRefused()
    {
        var comparer = new AccuracyComparer();
        using TensorOutputs reference = Outputs(Tensor.Copy<float>("y", [1, 2], 2));
        foreach (Tensor other in new[] { Tensor.Copy<float>("y", [1, 2], 1, 2), Tensor.Copy<float>("z", [1, 2], 2) })
        {
            var error = Assert.Throws<EngineException>(() => comparer.Add(Outputs(other), reference));
            Assert.Equal(EngineErrorKind.OutputMismatch, error.Kind);
            Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Compare_HalfPrecision_IsReadAsItsNumbers()
    {
        ushort[] bfloat = [0x3F80, 0xC000];
        Half[] half = [(Half)1, (Half)(-2)];
        var comparer = new AccuracyComparer();
        comparer.Add(
            Outputs(new Tensor("y", ElementType.BFloat16, [2], MemoryMarshal.AsBytes<ushort>(bfloat).ToArray())),
            Outputs(Tensor.Copy<Half>("y", half, 2)));
        Assert.Equal(0, Assert.Single(comparer.Outputs).MaximumAbsoluteError);
    }

    [Fact]
    public void Compare_LongTensors_AgreeWithTheDefinition() =>
        Prop.ForAll(Gen.Choose(1, 3).ToArbitrary(), Gen.Choose(1, 9000).ToArbitrary(), (rows, length) =>
        {
            var random = new Random((rows * 10_000) + length);
            float[] a = [.. Enumerable.Range(0, rows * length).Select(_ => random.NextSingle() - 0.5f)];
            float[] b = [.. a.Select(x => x + ((random.NextSingle() - 0.5f) * 0.1f))];
            OutputAccuracy output = Compare(a, b, rows, length);

            double dot = a.Zip(b).Sum(p => (double)p.First * p.Second);
            double squares = a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x);
            double largest = a.Zip(b).Max(p => Math.Abs((double)p.First - p.Second));
            int agreeing = a.Chunk(length).Zip(b.Chunk(length)).Count(
                p => p.First.IndexOf(p.First.Max()) == p.Second.IndexOf(p.Second.Max()));
            return Math.Abs(output.CosineMinimum - (dot / Math.Sqrt(squares))) < 1e-9
                && output.MaximumAbsoluteError == largest
                && output.Top1Agreement == (length < 2 ? null : (double)agreeing / rows)
                && output.ElementCount == a.Length;
        }).QuickCheckThrowOnFailure();

    private static OutputAccuracy Compare(float[] engine, float[] reference, params long[] shape)
    {
        if (shape.Length == 0) shape = [engine.Length];
        var comparer = new AccuracyComparer();
        comparer.Add(
            Outputs(Tensor.Copy<float>("y", engine, shape)),
            Outputs(Tensor.Copy<float>("y", reference, shape)));
        return Assert.Single(comparer.Outputs);
    }

    private static TensorOutputs Outputs(Tensor tensor) => new([tensor]);
}
