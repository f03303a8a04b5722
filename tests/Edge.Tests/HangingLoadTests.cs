using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>A runtime that does not come back from a load costs that engine and nothing else.</summary>
public sealed class HangingLoadTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Load_ThatHangs_IsReportedWhileOthersLoadAndServe()
    {
        using var backend = new HangingBackend();
        await using EdgeHarness edge = await StartAsync(backend);
        RoutedVersion second = edge.Version("add", "2", Engine(2));
        backend.HangOn(Engine(2));
        edge.Publish(edge.Route("add", second), edge.Route("other", edge.Version("other", "1", Engine(3))));

        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed }
                && e.Reason == "LoadTimedOut: It was not loaded and warm within 0.2 s and was left behind.")
                && r.Engines.Any(e => e is { Model: "add", Version: "1", Status: EdgeEngineStatus.Serving })
                && r.Engines.Any(e => e is { Model: "other", Status: EdgeEngineStatus.Serving }),
            "the hang is reported, the old engine serves, and the other one has loaded");
        Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0))).Version);
        Assert.Equal(1, edge.Shelf.StuckLoads);

        backend.Release();
        await edge.WaitServingAsync("add", "2");
        await EdgeHarness.Until(() => edge.Shelf.StuckLoads == 0, "the hanging load has ended");
    }

    [Fact]
    public async Task Loads_ThatHangInNumbers_AreBounded()
    {
        using var backend = new HangingBackend();
        await using EdgeHarness edge = await StartAsync(backend);
        Route[] hanging = [.. Enumerable.Range(2, 4).Select(n =>
        {
            backend.HangOn(Engine(n));
            return edge.Route($"hangs-{n}", edge.Version($"hangs-{n}", "1", Engine(n)));
        })];
        Route add = edge.Route("add", edge.Version("add", "1", Engine(1)));
        edge.Publish([add, .. hanging]);
        await EdgeHarness.Until(() => edge.Shelf.StuckLoads == 4, "all of them hang");

        edge.Publish([add, .. hanging, edge.Route("late", edge.Version("late", "1", Engine(9)))]);
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Model: "late", Status: EdgeEngineStatus.Loading } && e.Reason
                == "LoadTimedOut: 4 loads hang in this process, so that it starts no other; restart the edge."),
            "no further load starts");
        Assert.Equal(4, edge.Shelf.StuckLoads);
        Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0))).Version);

        backend.Release();
        await edge.WaitServingAsync("late", "1");
    }

    [Fact]
    public async Task Download_ThatHangs_IsReportedWhileOthersLoad()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync(o => o with { DownloadTimeout = Short });
        edge.Engines.Gate = new TaskCompletionSource();
        edge.Publish(edge.Route("add", edge.Version("add", "1", Engine(1))));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e.Reason == "DownloadFailed: The download did not end within 0.2 s."),
            "the hang is reported");

        edge.Engines.Gate = null;
        await edge.WaitReadyAsync();
    }

    [Fact]
    public async Task Retry_AfterTheClockJumpedBack_StillComes()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        RoutedVersion version = edge.Version("add", "1", Engine(1));
        byte[] bytes = edge.Engines.Files[version.Engines.Values.Single().EngineDigest];
        edge.Engines.Files.Clear();
        edge.Publish(edge.Route("add", version));
        await EdgeHarness.Until(() => edge.Shelf.Failures > 0, "the download has failed");

        edge.Clock.Offset = TimeSpan.FromDays(-400);
        edge.Engines.Files[version.Engines.Values.Single().EngineDigest] = bytes;
        await edge.WaitReadyAsync();
    }

    private static byte[] Engine(int number) => TestEngines.Build(TinyOnnx.Add(number));

    private static async Task<EdgeHarness> StartAsync(HangingBackend backend)
    {
        EdgeHarness edge = await EdgeHarness.StartAsync(o => o with { LoadTimeout = Short }, backend);
        edge.Publish(edge.Route("add", edge.Version("add", "1", Engine(1))));
        await edge.WaitReadyAsync();
        return edge;
    }
}
