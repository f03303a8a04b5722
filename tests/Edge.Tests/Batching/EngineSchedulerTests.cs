using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

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

    [Fact]
    public async Task Runs_OnADevice_HaveAPowerOfTwoOfItemsOrAllThatAreAllowed()
    {
        var backend = new GatedBackend { IsOnDevice = true };
        using EngineScheduler scheduler = Schedule(backend);
        BatchPlan plan = scheduler.PlanFor([Wide], new BatchingPolicy { ItemsMaximum = 6 });
        backend.Shut();
        using var alone = new FloatRun(plan, 1, 9);
        using var one = new FloatRun(plan, 1, 1);
        using var two = new FloatRun(plan, 2, 2, 3);
        using var five = new FloatRun(plan, 5, 4, 5, 6, 7, 8);
        Assert.True(scheduler.TrySubmit(alone.Request));
        await EdgeHarness.Until(() => backend.Waiting == 1, "the lane is busy");
        foreach (FloatRun run in new[] { one, two, five }) Assert.True(scheduler.TrySubmit(run.Request));
        backend.Open();

        await alone.AssertAnswerAsync(10);
        await one.AssertAnswerAsync(2);
        await two.AssertAnswerAsync(3, 4);
        await five.AssertAnswerAsync(5, 6, 7, 8, 9);
        Assert.Equal([1L, 4, 6], backend.Rows);
    }

    [Theory]
    [InlineData(1, 64, "64,32,16,8,4,2,1")]
    [InlineData(1, 48, "48,32,16,8,4,2,1")]
    [InlineData(3, 8, "8,4")]
    [InlineData(5, 6, "6")]
    public void RunSizes_FromTheLargestDown_AreWhatRunsAreRoundedTo(int minimum, int maximum, string sizes)
    {
        Assert.Equal(sizes, string.Join(',', RunSizes.From(minimum, maximum)));
        Assert.All(
            Enumerable.Range(minimum, maximum - minimum + 1),
            items => Assert.Contains(RunSizes.RoundUp(items, maximum), RunSizes.From(minimum, maximum)));
    }

    [Fact]
    public async Task Request_WithADeadlineThatJoinsAnOpenBatch_ShortensItsWait()
    {
        using EngineScheduler scheduler = Schedule(new GatedBackend());
        BatchPlan plan = Patient(scheduler, 8);
        using var first = new FloatRun(plan, 1, 1);
        using var second = new FloatRun(plan, 1, 2);
        await OpenAsync(scheduler, first);
        second.Request.Deadline = TimeProvider.System.GetTimestamp() + TimeProvider.System.TimestampFrequency;
        Assert.True(scheduler.TrySubmit(second.Request));

        await first.AssertAnswerAsync(2);
        await second.AssertAnswerAsync(3);
    }

    [Fact]
    public async Task OpenBatch_IsRun_WhenItsLaneIsTheLastForWhatWaits()
    {
        var backend = new GatedBackend();
        using EngineScheduler scheduler = Schedule(backend, lanes: 2);
        BatchPlan plan = Patient(scheduler, 2);
        for (int i = 0; i < 100; i++)
        {
            using var open = new FloatRun(plan, 1, 1);
            using var forTheOtherLane = new FloatRun(plan, 1, 1, 2);
            using var waiting = new FloatRun(plan, 1, 1, 2, 3);
            using var fills = new FloatRun(plan, 1, 4, 5, 6);
            backend.Shut();
            await OpenAsync(scheduler, open);
            Assert.True(scheduler.TrySubmit(forTheOtherLane.Request));
            Assert.True(scheduler.TrySubmit(waiting.Request));
            await EdgeHarness.Until(() => backend.Waiting == 2, "both lanes run");
            backend.Open();
            await open.AssertAnswerAsync(2);
            await forTheOtherLane.AssertAnswerAsync(2, 3);
            Assert.True(scheduler.TrySubmit(fills.Request));
            await waiting.AssertAnswerAsync(2, 3, 4);
            await fills.AssertAnswerAsync(5, 6, 7);
        }
    }

    [Fact]
    public async Task Lane_AfterALargeRun_GivesItsMemoryBack()
    {
        const int width = 5 << 20;
        using IEngine engine = new GatedBackend().Load(TestEngines.Build(TinyOnnx.AddWide(1)), TestContext.Current.CancellationToken);
        // No lanes of its own.
        using EngineScheduler scheduler = TestEngines.Schedule(engine, [Wide], lanes: 0);
        var lane = new ExecutionLane(scheduler, engine.CreateContext(), TimeProvider.System);
        Task running = Task.Factory.StartNew(
            lane.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        BatchPlan plan = scheduler.PlanFor(
            [Profiles.Of("x", [1, 1], [8, 2 * width])],
            new BatchingPolicy { Padding = [new PaddedAxis { Input = "x", Axis = 1, Multiple = 4, Value = 0 }] });
        using var small = new FloatRun(plan, 1, 1);
        Assert.True(scheduler.TrySubmit(small.Request));
        await small.AssertAnswerAsync(2, 1, 1, 1);
        await EdgeHarness.Until(() => lane.RetainedBytes is > 0 and < 100_000, "a little is kept");

        using var large = new FloatRun(plan, 1, new float[width - 1]);
        Assert.True(scheduler.TrySubmit(large.Request));
        Assert.Equal(RunOutcome.Answered, await large.Request.Completion);
        await EdgeHarness.Until(() => lane.RetainedBytes == 0, "the memory is given back");
        scheduler.Dispose();
        await running;
    }

    /// <summary>A lane takes it and waits for more.</summary>
    private static async Task OpenAsync(EngineScheduler scheduler, FloatRun run)
    {
        Assert.True(scheduler.TrySubmit(run.Request));
        await EdgeHarness.Until(() => scheduler.QueueDepth == 0, "a lane has it");
    }

    /// <summary>Waits for a batch to fill longer than any test lasts.</summary>
    private static BatchPlan Patient(EngineScheduler scheduler, int items) =>
        scheduler.PlanFor([Wide], new BatchingPolicy { ItemsMaximum = items, Wait = TimeSpan.FromHours(1) });

    private static BatchPlan Padded(EngineScheduler scheduler, double value) => scheduler.PlanFor(
        [Wide], new BatchingPolicy { Padding = [new PaddedAxis { Input = "x", Axis = 1, Multiple = 2, Value = value }] });

    private static EngineScheduler Schedule(GatedBackend backend, int lanes = 1) => TestEngines.Schedule(
        backend.Load(TestEngines.Build(TinyOnnx.AddWide(1)), TestContext.Current.CancellationToken), [Wide], lanes);
}
