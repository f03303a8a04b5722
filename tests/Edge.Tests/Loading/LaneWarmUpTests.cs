using Pipeline.Core.Fleet;
using Pipeline.Core.Policies;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests.Loading;

/// <summary>On a device each lane warms its own context, on its own thread, before the engine serves.</summary>
public sealed class LaneWarmUpTests
{
    private const long Cost = 400_000;
    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));

    [Fact]
    public async Task Contexts_AreWarmedWithEveryNumberOfItems_LanesOneAfterTheOther()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await EdgeHarness.ServeAsync(
            "add", First, Profiles.Rows(16), Small, device, new BatchingPolicy { ItemsMaximum = 6 });

        Assert.Equal(2, edge.Scheduler("add").Lanes);
        // The largest once for its memory; then all that the gates ran and that batches will have.
        long[] lane = [16, 16, 16, 16, 6, 6, 6, 4, 4, 4, 2, 2, 2, 1, 1, 1];
        Assert.Equal([.. lane.Select(i => (1, i)), .. lane.Select(i => (2, i))], device.ContextRuns.Select(r => (r.Context, r.Items)));
    }

    [Fact]
    public async Task Contexts_OfSeveralProfiles_TakeTheMemoryOfAllFirst()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await EdgeHarness.StartAsync(o => Small(o) with { ExecutionLanes = 1 }, device);
        edge.Publish(edge.Route("add", edge.Version("add", "1", First) with
        {
            Profiles = [Profiles.Rows(3), Profiles.Rows(7) with { Name = "more" }],
        }));
        await edge.WaitReadyAsync();
        // Three items have room for four where the other profile allows more.
        Assert.Equal([4, 7, 4, 4, 4, 7, 7, 7, 2, 2, 2, 1, 1, 1], device.ContextRuns.Select(r => r.Items));
    }

    [Fact]
    public async Task Contexts_RunOnTheThreadThatWarmedThem()
    {
        DeviceBackend device = NewDevice();
        using var both = new Barrier(2);
        await using EdgeHarness edge = await ServeAsync(device);
        int warmUps = device.ContextRuns.Count;
        // Each lane is held until the other one runs, too.
        device.Running = _ => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Task<InferAnswer>[] answers = [edge.SendAsync(InferCall.Row("add", 0)), edge.SendAsync(InferCall.Row("add", 1))];
        Assert.All(await Task.WhenAll(answers), a => Assert.Equal("1", a.Version));

        ContextRun[] warm = [.. device.ContextRuns.Take(warmUps)];
        ContextRun[] served = [.. device.ContextRuns.Skip(warmUps)];
        Assert.Equal([1, 2], served.Select(r => r.Context).Order());
        Assert.Equal(2, served.Select(r => r.Thread).Distinct().Count());
        Assert.All(served, s => Assert.All(warm.Where(w => w.Context == s.Context), w => Assert.Equal(s.Thread, w.Thread)));
    }

    [Fact]
    public async Task Engine_ServesOnlyWhenTheLastLaneIsWarm()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await ServeAsync(device);
        using var released = new ManualResetEventSlim();
        device.Running = r => Hold(r.Context == 4, released);
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await EdgeHarness.Until(() => device.ContextRuns.Any(r => r.Context == 4), "the second lane warms up");
        for (int i = 0; i < 5; i++) Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0))).Version);

        released.Set();
        await edge.WaitServingAsync("add", "2");
    }

    [Theory]
    [InlineData(EngineErrorKind.RunFailed, EdgeEngineStatus.Failed, "WarmUpFailed: No.")]
    [InlineData(EngineErrorKind.OutOfMemory, EdgeEngineStatus.MemoryExceeded, "MemoryExceeded: The device ran out of memory: No.")]
    public async Task Engine_WhoseLastLaneFailsToWarmUp_HasNotLoaded_AndItsMemoryIsFree(
        EngineErrorKind kind, EdgeEngineStatus status, string reason)
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await ServeAsync(device);
        // The second lane of each try, in the middle.
        device.Running = r =>
        {
            if (r.Context > 2 && r.Context % 2 == 0 && r.Items == 2) throw new EngineException(kind, "No.");
        };
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second, Profiles.Rows(8))));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2" } && e.Status == status && e.Reason == reason)
                && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving }),
            "the failure is reported, and the old one serves");
        Assert.Contains(device.ContextRuns, r => r is { Context: 3, Items: 1 });

        device.Running = null;
        // More is free than there was when it ran out.
        device.TakenByOthers = -1_000_000;
        await edge.WaitServingAsync("add", "2");
        await EdgeHarness.Until(() => device.Taken == Cost, "only the new one takes memory");
        Assert.Equal(2 * Cost, device.TakenMaximum);
    }

    [Fact]
    public async Task Lane_ThatHangsInItsWarmUp_IsLeftBehindWithItsLoad_AndFreesItWhenItComesBack()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await ServeAsync(device, o => o with { LoadTimeout = TimeSpan.FromMilliseconds(500) });
        using var released = new ManualResetEventSlim();
        int last = device.ContextRuns.Max(r => r.Context) + 2;
        device.Running = r => Hold(r.Context == last, released);
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed } && e.Reason
                == "LoadTimedOut: It was not loaded and warm within 0.5 s and was left behind."),
            "the hang is reported");
        Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0))).Version);
        edge.Publish(edge.Route("add", edge.Version("add", "1", First)));
        await EdgeHarness.Until(() => edge.FollowedRevision == edge.Revision, "nobody wants it any more");

        released.Set();
        await EdgeHarness.Until(() => edge.Shelf.StuckLoads == 0 && device.Taken == Cost, "what it took is free");
        // Its time was over: it did not go on to warm up.
        Assert.Single(device.ContextRuns, r => r.Context == last);
    }

    private static void Hold(bool holds, ManualResetEventSlim released)
    {
        if (holds) Assert.True(released.Wait(TimeSpan.FromSeconds(60)));
    }

    private static DeviceBackend NewDevice()
    {
        var device = new DeviceBackend(1_000_000);
        device.Costs(First, Cost);
        device.Costs(Second, Cost);
        return device;
    }

    private static Task<EdgeHarness> ServeAsync(DeviceBackend device, Func<EdgeOptions, EdgeOptions>? configure = null) =>
        EdgeHarness.ServeAsync("add", First, configure: o => Small(configure?.Invoke(o) ?? o), backend: device);

    private static EdgeOptions Small(EdgeOptions options) => options with { DeviceMemoryReserveBytes = 100_000 };
}
