using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Measuring;
using Pipeline.Edge.Routing;
using Pipeline.Edge.Shadowing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Shadowing;

public sealed class ShadowRunnerTests
{
    [Fact]
    public async Task Candidate_ThatHangs_KeepsNoShadowsFromAnother()
    {
        var hanging = new GatedBackend();
        hanging.Shut();
        ServingVersion stuck = Candidate(hanging);
        ServingVersion sound = Candidate(TestEngines.Backend);
        using FloatRun answered = await AnsweredAsync(sound);
        for (int i = 0; i < 5; i++) Offer(stuck, answered);
        Offer(sound, answered);

        await EdgeHarness.Until(() => sound.Statistics.Shadow.Compared == 1, "the sound one is compared");
        Assert.Equal((3, 0), (stuck.Statistics.Shadow.Skipped, stuck.Statistics.Shadow.Compared));
        hanging.Open();
        await EdgeHarness.Until(() => stuck.Statistics.Shadow.Compared == 2, "the others go on");
        stuck.Engine.Release();
        sound.Engine.Release();
        await EdgeHarness.Until(() => stuck.Engine.IsFreed && sound.Engine.IsFreed, "nothing holds the engines");
    }

    [Fact]
    public async Task Request_ThatCannotBeCopied_IsLeftOutAndHoldsNothing()
    {
        ServingVersion candidate = Candidate(TestEngines.Backend);
        using FloatRun answered = await AnsweredAsync(candidate);
        int size = answered.Request.Inputs[0].SizeBytes;
        answered.Request.Inputs[0].SizeBytes = int.MaxValue;
        for (int i = 0; i < 5; i++) Offer(candidate, answered);
        Assert.Equal((5, 0), (candidate.Statistics.Shadow.Skipped, candidate.Statistics.Shadow.Compared));

        answered.Request.Inputs[0].SizeBytes = size;
        Offer(candidate, answered);
        await EdgeHarness.Until(() => candidate.Statistics.Shadow.Compared == 1, "the next is compared");
        candidate.Engine.Release();
        await EdgeHarness.Until(() => candidate.Engine.IsFreed, "nothing holds the engine");
    }

    private static void Offer(ServingVersion candidate, FloatRun answered) => ShadowRunner.Offer(
        new ShadowRoute(candidate, new ShadowPolicy { SharePercent = 100 }), candidate.Plan.Signature, answered.Request,
        TimeProvider.System);

    private static async Task<FloatRun> AnsweredAsync(ServingVersion version)
    {
        var run = new FloatRun(version.Plan, 1, 1, 2, 3, 4);
        Assert.True(version.Engine.Scheduler.TrySubmit(run.Request));
        await run.AssertAnswerAsync(2, 3, 4, 5);
        return run;
    }

    private static ServingVersion Candidate(IEngineBackend backend)
    {
        IEngine engine = backend.Load(TestEngines.Build(TinyOnnx.Add(1)), TestContext.Current.CancellationToken);
        EngineScheduler scheduler = TestEngines.Schedule(engine);
        return new ServingVersion
        {
            Model = "add",
            Version = "2",
            Engine = new LoadedEngine(scheduler, "d", 1, TimeSpan.Zero),
            Plan = scheduler.PlanFor([], null),
            Statistics = new VersionStatistics("add", "2"),
        };
    }
}
