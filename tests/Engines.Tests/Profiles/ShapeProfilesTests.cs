using System.Collections.Immutable;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Tests.Profiles;

public sealed class ShapeProfilesTests
{
    private static readonly ImmutableArray<TensorDescription> Inputs = [FakeEngine.Describe("x", -1, 3, 48, -1)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Resolve_NoProfiles_MakesEveryFreeDimensionOne()
    {
        ShapeProfile profile = Assert.Single(ShapeProfiles.Resolve(Inputs, []));
        Assert.Equal("default", profile.Name);
        Assert.Equal([1, 3, 48, 1], profile.Shapes(ProfileSize.Minimum)["x"]);
        Assert.Equal([1, 3, 48, 1], profile.Shapes(ProfileSize.Maximum)["x"]);
    }

    [Fact]
    public void Resolve_ProfileThatFits_IsTaken()
    {
        ShapeProfile profile = Profile("x", [1, 3, 48, 32], [1, 3, 48, 320], [8, 3, 48, 640]);
        Assert.Same(profile, Assert.Single(ShapeProfiles.Resolve(Inputs, [profile])));
        Assert.Equal([1, 3, 48, 320], profile.Shapes(ProfileSize.Typical)["x"]);
    }

    [Theory]
    [InlineData("y", new long[] { 1, 3, 48, 32 }, "names input 'y', which the model does not have; its inputs are 'x'")]
    [InlineData("x", new long[] { 1, 3, 48 }, "with 3 dimensions; the model declares [-1, 3, 48, -1]")]
    [InlineData("x", new long[] { 1, 3, 32, 32 }, "but dimension 2 is fixed")]
    [InlineData("x", new long[] { 1, 3, 48, 0 }, "every dimension must be at least 1")]
    [InlineData("x", new long[] { 1, 3, 48, 4_000_000_000 }, "more than 1 GiB")]
    [InlineData("x", new long[] { long.MaxValue, 3, 48, long.MaxValue }, "more than 1 GiB")]
    public void Resolve_ProfileThatDoesNotFit_SaysWhy(string input, long[] maximum, string said)
    {
        ImmutableArray<long> shape = [1, 3, 48, 32];
        var error = Assert.Throws<EngineException>(
            () => ShapeProfiles.Resolve(Inputs, [Profile(input, shape, shape, [.. maximum])]));
        Assert.Equal(BuildFailureKind.ProfileFailed, error.FailureKind);
        Assert.Contains("'wide'", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_InputLacking_IsRefused()
    {
        var profile = new ShapeProfile { Name = "wide", Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty };
        var error = Assert.Throws<EngineException>(() => ShapeProfiles.Resolve(Inputs, [profile]));
        Assert.Contains("lacks input 'x'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_EverySize_IsRunOnTheRealModel()
    {
        using IEngine engine = Ort.BuildAndLoad(Ort.Recognizer, Cancellation);
        ImmutableArray<ShapeProfile> profiles = ShapeProfiles.Resolve(
            engine.Inputs, [Profile("x", [1, 3, 48, 32], [1, 3, 48, 100], [2, 3, 48, 320])]);

        ProfileChecker.Run(engine, profiles, seed: 1, Cancellation);
    }

    [Fact]
    public void Check_DefaultProfileThatTheModelCannotRun_AsksForProfiles()
    {
        // Two rows times a matrix of four rows: fits for n = 4 alone.
        using IEngine engine = Ort.BuildAndLoad(
            new TinyModel().Node("MatMul", ["x", "w"], ["y"])
                .Input("x", 1, 2, "n").Input("w", 1, 4, 3).Output("y", 1, 2, 3),
            Cancellation);

        var error = Assert.Throws<EngineException>(
            () => ProfileChecker.Run(engine, ShapeProfiles.Resolve(engine.Inputs, []), seed: 1, Cancellation));

        Assert.Equal(EngineErrorKind.ProfileFailed, error.Kind);
        Assert.Contains("'x' [2, 1]", error.Message, StringComparison.Ordinal);
        Assert.Contains("under 'profiles' in promotion.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ProfileOfSeveralSizes_RunsEachOnce()
    {
        using FakeEngine engine = FakeEngine.Echo();
        ProfileChecker.Run(engine, [Profile("x", [1], [2], [3])], seed: 1, Cancellation);
        Assert.Equal([1L, 2L, 3L], engine.Given.Select(t => t.Shape[0]));
    }

    [Fact]
    public void Check_OutputOfAnotherRankThanDeclared_IsRefused()
    {
        using var engine = new FakeEngine(
            FakeEngine.Describe("x", -1), FakeEngine.Describe("y", -1), _ => Tensor.Copy<float>("y", [1, 2], 1, 2));

        var error = Assert.Throws<EngineException>(
            () => ProfileChecker.Run(engine, [Profile("x", [1], [2], [3])], seed: 1, Cancellation));

        Assert.Equal(EngineErrorKind.ProfileFailed, error.Kind);
        Assert.Contains("output 'y' of shape [1, 2]", error.Message, StringComparison.Ordinal);
    }

    private static ShapeProfile Profile(
        string input, ImmutableArray<long> minimum, ImmutableArray<long> typical, ImmutableArray<long> maximum) => new()
        {
            Name = "wide",
            Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
            input, new ShapeRange { Minimum = minimum, Typical = typical, Maximum = maximum }),
        };
}
