using System.Collections.Immutable;
using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Batching;

public sealed class BatchPlanTests
{
    [Theory]
    [InlineData(8, null, 8, null)]
    [InlineData(8, 4, 4, null)]
    [InlineData(8, 64, 8, null)]
    [InlineData(8, 1, 1, "The policy switches batching off.")]
    [InlineData(1, null, 1, "The shape profiles allow one item.")]
    [InlineData(1, 8, 1, "The shape profiles allow one item.")]
    [InlineData(0, null, 1, "No shape profile and no policy says how many items a run may take.")]
    [InlineData(0, 8, 8, null)]
    public void Plan_OfPolicyAndProfiles_SaysHowManyOrWhyNot(int profile, int? policy, int maximum, string? whyNot)
    {
        using IEngine engine = Load(TinyOnnx.Add(1));
        ImmutableArray<ShapeProfile> profiles = profile == 0 ? [] : [Profiles.Rows(profile)];
        BatchPlan plan = Plan(engine, profiles, policy is null ? null : new BatchingPolicy { ItemsMaximum = policy });
        Assert.Equal(whyNot, plan.WhyNot);
        Assert.Equal(maximum, plan.ItemsMaximum);
    }

    [Fact]
    public void Engine_WhoseRowsTouchEachOther_IsFoundOut()
    {
        using IEngine engine = Load(TinyOnnx.SoftmaxOfRows());
        string? whyNot = Plan(engine, [Profiles.Rows(8)]).WhyNot;
        Assert.StartsWith("Output 'y' of two items together differs", whyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void Engine_LoadedForOneItem_BatchesForNoOtherVersion()
    {
        using EngineScheduler scheduler = TestEngines.Schedule(Load(TinyOnnx.SoftmaxOfRows()), [Profiles.Rows(1)]);
        Assert.StartsWith(
            "Two items were not tried together", scheduler.PlanFor([Profiles.Rows(8)], null).WhyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void Engine_WithAFixedFirstDimension_RunsOneByOne()
    {
        using IEngine engine = Load(TinyOnnx.Fixed());
        Assert.Equal("'x' has no free first dimension.", Plan(engine, [Profiles.Of("x", [2, 4], [2, 4])]).WhyNot);
    }

    [Fact]
    public void Classes_OfSeveralProfiles_TakeWhatTheirOwnProfileAllows()
    {
        using IEngine engine = Load(TinyOnnx.AddWide(1));
        var signature = new EngineSignature(engine);
        var plan = BatchPlan.Create(
            signature, [Profiles.Of("x", [1, 1], [16, 8]), Profiles.Of("x", [1, 9], [2, 64])], null, null);
        Assert.Equal((16, 1), Classify(plan, 1, 8));
        Assert.Equal((2, 1), Classify(plan, 1, 9));
        // More than may share a run: it runs alone.
        var four = BatchPlan.Create(
            signature, [Profiles.Of("x", [1, 1], [16, 8])], new BatchingPolicy { ItemsMaximum = 4 }, null);
        Assert.Equal((4, 0), Classify(four, 5, 8));
    }

    private static BatchPlan Plan(IEngine engine, ImmutableArray<ShapeProfile> profiles, BatchingPolicy? policy = null)
    {
        var signature = new EngineSignature(engine);
        string? failure = BatchCheck.WhyNot(engine, signature, profiles, TestContext.Current.CancellationToken);
        return BatchPlan.Create(signature, profiles, policy, failure);
    }

    private static (int Maximum, int Items) Classify(BatchPlan plan, params long[] shape)
    {
        using var run = new RunRequest();
        run.Clear(plan);
        run.Inputs[0].SetShape(shape);
        plan.Classify(run);
        return (run.ItemsMaximum, run.Items);
    }

    private static IEngine Load(byte[] onnx) =>
        TestEngines.Backend.Load(TestEngines.Build(onnx), TestContext.Current.CancellationToken);
}
