using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Loading;

/// <summary>Engines are admitted by what the device has free; what serves is never put at risk.</summary>
public sealed class DeviceMemoryTests
{
    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));

    [Fact]
    public async Task Engine_ThatDoesNotFitBeside_IsRefusedWithNumbersBeforeItIsRead()
    {
        var device = new DeviceBackend(1_000_000);
        device.Costs(First, 600_000);
        await using EdgeHarness edge = await ServeAsync(device);
        edge.Publish(edge.Route("add", Needs(edge.Version("add", "2", Second), 300_001)));

        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded } && e.Reason
                == "MemoryExceeded: It needs about 300001 bytes; of the device's 1000000 bytes 400000 are free, "
                    + "of which 100000 stay in reserve."),
            "the refusal is reported");
        await AssertServesAsync(edge, 1);
        Assert.Single(edge.Engines.Downloads);
        Assert.Single(device.Loads);
    }

    [Fact]
    public async Task Engine_ThatFitsBesideInWhatIsFree_IsLoaded_AndItsOwnFigureCountsThen()
    {
        var device = new DeviceBackend(1_000_000);
        device.Costs(First, 600_000);
        device.Costs(Second, 250_000);
        await using EdgeHarness edge = await ServeAsync(device);
        RoutedVersion stable = edge.Version("add", "1", First);
        edge.Publish(edge.Route("add", stable, Needs(edge.Version("add", "2", Second), 300_000), 5_000));

        await edge.WaitServingAsync("add", "1", "2");
        Assert.Equal(850_000, edge.Shelf.Figures.LoadedDeviceMemoryBytes);
    }

    [Fact]
    public async Task Engine_WithoutAFigure_IsEstimatedByItsSize()
    {
        var device = new DeviceBackend(100_000 + (4L * First.Length) - 1);
        device.Costs(First, 2L * First.Length);
        await using EdgeHarness edge = await ServeAsync(device);
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded }), "the refusal is reported");
        Assert.Single(device.Loads);
    }

    [Fact]
    public async Task Load_ThatRunsOutOfMemory_SpeaksAgainstThisEdge_AndWaitsForMoreRoom()
    {
        var device = new DeviceBackend(1_000_000);
        device.Costs(First, 600_000);
        device.Costs(Second, 450_000);
        await using EdgeHarness edge = await ServeAsync(device);
        RoutedVersion stable = edge.Version("add", "1", First);
        edge.Publish(edge.Route("add", stable, Needs(edge.Version("add", "2", Second), 1), 5_000));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded } && e.Reason
                == "MemoryExceeded: The device ran out of memory: 450000 bytes could not be allocated."),
            "the fault is reported");
        await AssertServesAsync(edge, 1);
        long failures = edge.Shelf.Failures;
        await EdgeHarness.Until(() => edge.Shelf.Failures > failures, "it is looked at again");
        Assert.Equal(2, device.Loads.Length);

        // The first engine shrinks, as it were: other models leave the device.
        device.TakenByOthers = -100_000;
        await edge.WaitServingAsync("add", "1", "2");
        Assert.Equal(3, device.Loads.Length);
    }

    [Fact]
    public async Task Simulation_IsSaidEverywhere()
    {
        await using EdgeHarness edge = await ServeAsync(new DeviceBackend(1_000_000));
        string server = await edge.Client.GetStringAsync("/v2", TestContext.Current.CancellationToken);
        Assert.Contains("\"simulated\"", server, StringComparison.Ordinal);
        foreach (string path in new[] { "/v2/health/live", "/v2/health/ready" })
        {
            string health = await edge.Client.GetStringAsync(path, TestContext.Current.CancellationToken);
            Assert.Contains("\"simulated\":true", health, StringComparison.Ordinal);
        }

        Exposition metrics = Exposition.Read(await edge.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken));
        Assert.Equal(1, metrics.Value("edge_info", ("simulated", "true"), ("driver", "580.65.06")));
        Assert.Equal(1_000_000, metrics.Value("edge_device_memory_free_bytes"));
        await edge.WaitReportAsync(r => r.Driver == "580.65.06", "the driver is reported");

        await using EdgeHarness real = await EdgeHarness.ServeAsync("add", First);
        string realServer = await real.Client.GetStringAsync("/v2", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("simulated", realServer, StringComparison.Ordinal);
    }

    private static Task<EdgeHarness> ServeAsync(DeviceBackend device) =>
        EdgeHarness.ServeAsync("add", First, configure: Small, backend: device);

    private static EdgeOptions Small(EdgeOptions options) => options with { DeviceMemoryReserveBytes = 100_000 };

    private static RoutedVersion Needs(RoutedVersion version, long bytes) => version with
    {
        Engines = version.Engines.SetItem(
            version.Engines.Keys.Single(), version.Engines.Values.Single() with { DeviceMemoryBytes = bytes }),
    };

    private static async Task AssertServesAsync(EdgeHarness edge, int version)
    {
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal($"{version}", answer.Version);
    }
}
