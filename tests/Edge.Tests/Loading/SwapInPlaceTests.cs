using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Loading;

/// <summary>A device with room for one engine: the old one leaves first, and nobody is turned away for it.</summary>
public sealed class SwapInPlaceTests
{
    private const long Device = 1_000_000;
    private const long Engine = 600_000;

    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));

    [Fact]
    public async Task Versions_SwappedInPlaceUnderLoad_DropNothingAndNeverStandBesideEachOther()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await ServeAsync(device);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<int>[] clients = [.. Enumerable.Range(0, 6).Select(i => AddingClient.AskAsync(edge, i, stop.Token))];
        for (int version = 2; version <= 6; version++)
        {
            byte[] engine = TestEngines.Build(TinyOnnx.Add(version));
            device.Costs(engine, Engine);
            edge.Publish(edge.Route("add", Needs(edge.Version("add", $"{version}", engine))));
            await edge.WaitServingAsync("add", $"{version}");
        }

        await stop.CancelAsync();
        int asked = (await Task.WhenAll(clients)).Sum();

        Assert.True(asked > 6, $"Only {asked} requests were answered.");
        Assert.Equal(Engine, device.TakenMaximum);
        Assert.Equal((5, 5), (edge.State.Swaps, edge.Shelf.SwapsInPlace));
        await edge.WaitReportAsync(
            r => r.Counters.Sum(c => c.Requests) == asked && r.Counters.All(c => c.Errors == 0), "all are counted");
    }

    [Fact]
    public async Task Requests_AreAnsweredByTheOldOneInFlight_AndByTheNewOneOnceTheyWaited()
    {
        var gated = new GatedBackend();
        DeviceBackend device = NewDevice(gated);
        await using EdgeHarness edge = await ServeAsync(device);
        gated.Shut();
        Task<InferAnswer> inFlight = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => gated.Waiting == 1, "the request runs");
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "2", Second))));
        await EdgeHarness.Until(() => edge.State.Table.Models["add"].Swap is not null, "the swap has begun");
        Task<InferAnswer> waits = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => edge.Gate is { InFlight: 2, Busy: 1 }, "the second request waits");
        Assert.Single(device.Loads);
        gated.Open();

        Assert.Equal(("1", HttpStatusCode.OK), ((await inFlight).Version, (await inFlight).Status));
        Assert.Equal(("2", HttpStatusCode.OK), ((await waits).Version, (await waits).Status));
        Assert.True(edge.State.IsReady);
    }

    [Fact]
    public async Task NewEngine_ThatDoesNotLoad_BringsTheOldOneBack_AndIsNotTriedInItsPlaceAgain()
    {
        DeviceBackend device = NewDevice();
        byte[] garbage = "not an engine"u8.ToArray();
        device.Costs(garbage, Engine);
        await using EdgeHarness edge = await ServeAsync(device);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<int>[] clients = [.. Enumerable.Range(0, 3).Select(i => AddingClient.AskAsync(edge, i, stop.Token))];
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "2", garbage))));

        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed, Reason: not null }
                    && e.Reason.StartsWith("LoadFailed: ", StringComparison.Ordinal))
                && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving }),
            "the failure is reported, and the old one serves");
        long failures = edge.Shelf.Failures;
        await EdgeHarness.Until(() => edge.Shelf.Failures > failures + 1, "its time to be tried again has come twice");
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        Assert.Equal(1, edge.Shelf.SwapsInPlace);
        Assert.Equal(
            [DeviceBackend.DigestOf(First), DeviceBackend.DigestOf(garbage), DeviceBackend.DigestOf(First)], device.Loads);
        Assert.Contains(
            edge.Fleet.Last!.Engines, e => e is { Version: "2", Status: EdgeEngineStatus.Failed });
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "3", Second))));
        await edge.WaitServingAsync("add", "3");
    }

    [Fact]
    public async Task OldEngine_WhoseRequestsDoNotEnd_GoesOn()
    {
        var gated = new GatedBackend();
        DeviceBackend device = NewDevice(gated);
        await using EdgeHarness edge = await ServeAsync(device, o => o with { SwapTimeout = TimeSpan.FromSeconds(1), ExecutionLanes = 1 });
        gated.Shut();
        Task<InferAnswer> inFlight = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => gated.Waiting == 1, "the request runs");
        RoutedVersion second = Needs(edge.Version("add", "2", Second));
        edge.Publish(edge.Route("add", second));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded, Reason: not null }
                    && e.Reason.Contains("did not end within", StringComparison.Ordinal))
                && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving }),
            "the old one goes on, and why is reported");
        gated.Open();

        Assert.Equal("1", (await inFlight).Version);
        await edge.WaitServingAsync("add", "2");
    }

    [Fact]
    public async Task Candidate_WithAShare_NeedsRoomBeside()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await ServeAsync(device);
        RoutedVersion stable = Needs(edge.Version("add", "1", First));
        RoutedVersion candidate = Needs(edge.Version("add", "2", Second));
        edge.Publish(edge.Route("add", stable, candidate, 9_999));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded }), "it is refused");
        Assert.Equal(0, edge.Shelf.SwapsInPlace);
        Assert.Equal("1", (await edge.SendAsync(InferCall.Row("add", 0))).Version);

        edge.Publish(edge.Route("add", candidate));
        await edge.WaitServingAsync("add", "2");
        Assert.Equal(1, edge.Shelf.SwapsInPlace);
    }

    [Fact]
    public async Task Engine_ThatServesAnotherModelToo_IsNotDrained()
    {
        DeviceBackend device = NewDevice();
        await using EdgeHarness edge = await ServeAsync(device);
        edge.Publish(
            edge.Route("add", Needs(edge.Version("add", "2", Second))), edge.Route("same", Needs(edge.Version("same", "1", First))));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded })
                && r.Engines.Any(e => e is { Model: "same", Status: EdgeEngineStatus.Serving }),
            "it is refused");
        Assert.Equal(0, edge.Shelf.SwapsInPlace);
    }

    [Fact]
    public async Task WaitingRequests_AreBoundedByNumberAndByTheirOwnTime()
    {
        var gated = new GatedBackend();
        DeviceBackend device = NewDevice(gated);
        await using EdgeHarness edge = await ServeAsync(device, o => o with { MaximumQueuedRequests = 1 });
        gated.Shut();
        Task<InferAnswer> inFlight = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => gated.Waiting == 1, "the request runs");
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "2", Second))));
        await EdgeHarness.Until(() => edge.State.Table.Models["add"].Swap is not null, "the swap has begun");

        HttpRequestMessage hurried = InferCall.Row("add", 0);
        hurried.Headers.Add("x-request-timeout-ms", "50");
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await edge.SendAsync(hurried)).Status);
        Task<InferAnswer> waits = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => edge.Gate is { InFlight: 2, Busy: 1 }, "one waits");
        InferAnswer refused = await edge.SendAsync(InferCall.Row("add", 0));
        gated.Open();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("2", (await waits).Version);
        Assert.Equal("1", (await inFlight).Version);
        Assert.Equal(0, edge.Gate.InFlight);
    }

    [Fact]
    public async Task Rollback_InTheMiddleOfASwap_PutsTheOldOneBack()
    {
        using var hanging = new HangingBackend();
        hanging.HangOn(Second);
        DeviceBackend device = NewDevice(hanging);
        await using EdgeHarness edge = await ServeAsync(device);
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "2", Second))));
        await EdgeHarness.Until(() => device.Loads.Length == 2, "the new one is being loaded, and the old one is gone");
        Task<InferAnswer> waits = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => edge.Gate is { InFlight: 1, Busy: 0 }, "the request waits");
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "1", First))));
        await EdgeHarness.Until(() => edge.FollowedRevision == edge.Revision, "the rollback is followed");
        hanging.Release();

        Assert.Equal("1", (await waits).Version);
        await edge.WaitServingAsync("add", "1");
    }

    [Fact]
    public async Task Routes_ThatChangeBeforeTheOldOneHasLeft_LetItGoOn()
    {
        var gated = new GatedBackend();
        DeviceBackend device = NewDevice(gated);
        await using EdgeHarness edge = await ServeAsync(device);
        gated.Shut();
        Task<InferAnswer> inFlight = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => gated.Waiting == 1, "the request runs");
        RoutedVersion second = Needs(edge.Version("add", "2", Second));
        edge.Publish(edge.Route("add", second));
        await EdgeHarness.Until(() => edge.State.Table.Models["add"].Swap is not null, "the swap has begun");
        Task<InferAnswer> waits = edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => edge.Gate is { InFlight: 2, Busy: 1 }, "the second request waits");

        edge.Publish(edge.Route("add", second with
        {
            Engines = second.Engines.Clear().Add("trt-10.0.0.1", second.Engines.Values.Single()),
        }));
        await edge.WaitServingAsync("add", "1");
        await EdgeHarness.Until(() => edge.Gate.Busy == 2, "it waits no longer");
        gated.Open();
        Assert.Equal(("1", "1"), ((await inFlight).Version, (await waits).Version));
        Assert.Single(device.Loads);
    }

    private static DeviceBackend NewDevice(Pipeline.Engines.IEngineBackend? inner = null)
    {
        var device = new DeviceBackend(Device, inner);
        device.Costs(First, Engine);
        device.Costs(Second, Engine);
        return device;
    }

    private static async Task<EdgeHarness> ServeAsync(DeviceBackend device, Func<EdgeOptions, EdgeOptions>? configure = null) =>
        await EdgeHarness.ServeAsync(
            "add", First, backend: device, configure: o => (configure?.Invoke(o) ?? o) with
            {
                DeviceMemoryReserveBytes = 100_000,
                DeviceMemoryShortage = DeviceMemoryShortage.Drain,
            });

    private static RoutedVersion Needs(RoutedVersion version) => version with
    {
        Engines = version.Engines.SetItem(
            version.Engines.Keys.Single(), version.Engines.Values.Single() with { DeviceMemoryBytes = Engine }),
    };
}
