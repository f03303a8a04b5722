using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Batching;

public sealed class RunShapesTests
{
    private static readonly PaddedAxis ToFours = new() { Input = "x", Axis = 1, Multiple = 4, Value = 0 };

    [Theory]
    [InlineData(null, "8x64 8x5 4x5 2x5 1x5")]
    // A size of its own, though no power of two; the profile's largest then only runs alone.
    [InlineData(6, "8x64 6x5 4x5 2x5 1x5")]
    // Nothing is batched: requests run as they come.
    [InlineData(1, "8x64 1x5")]
    public void Shapes_AreTheProfilesAndEverySizeOfABatch(int? maximum, string shapes) =>
        AssertShapes(shapes, new BatchingPolicy { ItemsMaximum = maximum }, Profile([1, 5], [1, 5], [8, 64]));

    [Theory]
    [InlineData(3, "8x8 4x8")]
    [InlineData(5, "8x8")]
    public void Smallest_AndTypicalShapes_AreRoundedAsRunsAre(int minimum, string shapes) =>
        AssertShapes(shapes, null, Profile([minimum, 8], [minimum, 8], [8, 8]));

    [Fact]
    public void Shapes_ArePaddedAsThoseOfRequests() => AssertShapes(
        "4x63 4x8 2x8 1x8 1x4", new BatchingPolicy { Padding = [ToFours] }, Profile([1, 1], [2, 5], [4, 63]));

    [Fact]
    public void Sizes_BelowWhatTheProfileTakes_AreLeftOut() => AssertShapes(
        "8x8 4x8", new BatchingPolicy { ItemsMaximum = 2 }, Profile([4, 8], [4, 8], [8, 8]));

    [Fact]
    public void Sizes_BeyondTheBytesOfABatch_AreLeftOut() => AssertShapes(
        "1024x131073 512x131072 256x131072 128x131072", null, Profile([128, 131072], [128, 131072], [1024, 131073]));

    [Fact]
    public void Profiles_ThatBothHoldTheTypicalShape_ShareTheLargerOnesSizes() => AssertShapes(
        "2x4 8x4 4x4 1x4", null, Profile([1, 4], [1, 4], [2, 4]), Profile([1, 4], [1, 4], [8, 4]) with { Name = "more" });

    [Fact]
    public void OnAProcessor_NothingIsRounded()
    {
        using IEngine engine = Load(new GatedBackend());
        Assert.Equal("8x4 1x4 3x4", Text(engine, null, Profile([1, 4], [3, 4], [8, 4])));
    }

    private static void AssertShapes(string expected, BatchingPolicy? policy, params ShapeProfile[] profiles)
    {
        using IEngine engine = Load(new GatedBackend { IsOnDevice = true });
        Assert.Equal(expected, Text(engine, policy, profiles));
    }

    private static IEngine Load(GatedBackend backend) =>
        backend.Load(TestEngines.Build(TinyOnnx.AddWide(1)), TestContext.Current.CancellationToken);

    private static string Text(IEngine engine, BatchingPolicy? policy, params ShapeProfile[] profiles)
    {
        BatchPlan plan = BatchPlan.Create(new EngineSignature(engine), [.. profiles], policy, null);
        return string.Join(' ', RunShapes.Among(plan, [.. profiles]).Select(s => string.Join('x', s["x"])));
    }

    private static ShapeProfile Profile(ImmutableArray<long> minimum, ImmutableArray<long> typical, ImmutableArray<long> maximum) => new()
    {
        Name = "some",
        Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
            "x", new ShapeRange { Minimum = minimum, Typical = typical, Maximum = maximum }),
    };
}
