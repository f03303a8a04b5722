using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Batching;

public sealed class EngineSchedulerTests
{
    private static readonly ShapeProfile Wide = Profiles.Of("x", [1, 1], [8, 64]);

    [Fact]
    public async Task Requests_OfDifferentPlans_ArePaddedByTheirOwnAndShareNoRun()
    {
        var backend = new GatedBackend();
        using EngineScheduler scheduler = Schedule(backend);
        BatchPlan one = Padded(scheduler, -3);
        BatchPlan other = Padded(scheduler, -5);
        backend.Shut();
        using var busy = new FloatRun(one, 1, 0, 0);
        using var first = new FloatRun(one, 1, 1);
        using var second = new FloatRun(other, 1, 2);
        using var third = new FloatRun(one, 1, 3);
        Assert.True(scheduler.TrySubmit(busy.Request));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        foreach (FloatRun run in new[] { first, second, third }) Assert.True(scheduler.TrySubmit(run.Request));
        backend.Open();

        await first.AssertAnswerAsync(2f, -2);
        await second.AssertAnswerAsync(3f, -4);
        await third.AssertAnswerAsync(4f, -2);
        Assert.Equal([1L, 2, 1], backend.Rows);
    }

    private static BatchPlan Padded(EngineScheduler scheduler, double value) => scheduler.PlanFor(
        [Wide], new BatchingPolicy { Padding = [new PaddedAxis { Input = "x", Axis = 1, Multiple = 2, Value = value }] });

    private static EngineScheduler Schedule(GatedBackend backend, int lanes = 1) => TestEngines.Schedule(
        backend.Load(TestEngines.Build(TinyOnnx.AddWide(1)), TestContext.Current.CancellationToken), [Wide], lanes);
}
