using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Engines.Tests.OnnxRuntime;

public sealed class OneAtATimeEngineTests
{
    [Fact]
    public async Task RunsOfSeveralEnginesAndLanes_TakeTurns()
    {
        var turn = new Lock();
        int running = 0;
        int most = 0;
        var meeting = new Barrier(4);
        IEngine[] engines = [.. Enumerable.Range(0, 2).Select(_ => new OneAtATimeEngine(
            new FakeEngine(FakeEngine.Describe("x", -1), FakeEngine.Describe("y", -1), x =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                Thread.Yield();
                Interlocked.Decrement(ref running);
                return new Tensor("y", x.ElementType, x.Shape, x.Data);
            }),
            turn))];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(lane => Task.Factory.StartNew(
            () => Work(engines[lane % 2], meeting), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Equal(1, most);
    }

    private static unsafe void Work(IEngine engine, Barrier meeting)
    {
        using IEngineContext context = engine.CreateContext();
        meeting.SignalAndWait(TestContext.Current.CancellationToken);
        for (int run = 0; run < 200; run++)
        {
            float value = run;
            context.SetInput(0, (nint)(&value), sizeof(float), [1]);
            context.Run();
            Assert.Equal(sizeof(float), context.OutputData(0).Length);
        }
    }
}
