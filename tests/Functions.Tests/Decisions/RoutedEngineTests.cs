using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>What a route says of an engine.</summary>
[Collection(Bench.Collection)]
public sealed class RoutedEngineTests(CloudFixture cloud)
{
    [Fact]
    public async Task Route_TellsTheDeviceMemoryThatTheEngineWasMeasuredToTake()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        RoutedEngine engine = Assert.Single((await bench.RouteAsync()).Route.Stable!.Engines).Value;
        Assert.Equal(310_000_000, engine.DeviceMemoryBytes);
    }
}
