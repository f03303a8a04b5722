using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Tests.Profiles;

public sealed class SeededInputsTests
{
    public static TheoryData<ElementType> ElementTypes => [.. Enum.GetValues<ElementType>()];

    [Fact]
    public void Create_SameSeed_GivesTheSameBytesForEver()
    {
        Tensor tensor = Create(ElementType.Float32, seed: 1, length: 1000);

        // Frozen: another value here means that stored evidence can't be reproduced.
        Assert.Equal(
            "1e50a7f48bda85158d6416c5e591cec7176d337bbbb91ec86a1ecdf9dbca4fc8",
            Convert.ToHexStringLower(SHA256.HashData(tensor.Data.Span)));
    }

    [Fact]
    public void Create_OtherSeed_GivesOtherBytes() =>
        Assert.NotEqual(
            Create(ElementType.Float32, 1, 8).Data.ToArray(),
            Create(ElementType.Float32, 2, 8).Data.ToArray());

    [Fact]
    public void Create_Floats_FillTheirRange()
    {
        float[] values = MemoryMarshal.Cast<byte, float>(Create(ElementType.Float32, 7, 10_000).Data.Span).ToArray();
        Assert.All(values, v => Assert.InRange(v, -1f, 1f));
        Assert.InRange(values.Average(), -0.05f, 0.05f);
        Assert.True(values.Min() < -0.99f && values.Max() > 0.99f);
    }

    [Theory]
    [MemberData(nameof(ElementTypes))]
    public void Create_EachType_HasItsSizeAndVaries(ElementType type)
    {
        Tensor tensor = Create(type, 3, 64);
        int size = type.SizeBytes();
        Assert.Equal(64 * size, tensor.Data.Length);
        Assert.True(tensor.Data.ToArray().Chunk(size).Select(Convert.ToHexString).Distinct().Count() > 1);
        if (!type.IsFloat()) Assert.All(tensor.Data.ToArray(), b => Assert.InRange(b, 0, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Create_ThreeSamplesAProfile_MeetEveryShape(int profiles)
    {
        ImmutableArray<ShapeProfile> all = [.. Enumerable.Range(0, profiles).Select(p => new ShapeProfile
        {
            Name = $"p{p}",
            Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add("x", new ShapeRange
            {
                Minimum = [(10 * p) + 1],
                Typical = [(10 * p) + 2],
                Maximum = [(10 * p) + 3],
            }),
        })];

        var met = Enumerable.Range(0, 3 * profiles)
            .Select(i => SeededInputs.Create([Describe(ElementType.Float32)], all, 1, i)[0].Shape[0]);

        Assert.Equal(
            Enumerable.Range(0, profiles).SelectMany(p => new long[] { (10 * p) + 1, (10 * p) + 2, (10 * p) + 3 }),
            met.Order());
    }

    private static Tensor Create(ElementType type, int seed, long length) => SeededInputs.Create(
        [Describe(type)], ImmutableSortedDictionary<string, ImmutableArray<long>>.Empty.Add("x", [length]), seed)[0];

    private static TensorDescription Describe(ElementType type) =>
        new() { Name = "x", DataType = type.ProtocolName(), Shape = [-1] };
}
