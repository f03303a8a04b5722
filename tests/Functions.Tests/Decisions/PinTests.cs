using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Core.Json;
using Pipeline.Core.Management;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Management;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>What a person does to a route that has a version waiting.</summary>
[Collection(Bench.Collection)]
public sealed class PinTests(CloudFixture cloud)
{
    [Fact]
    public async Task PinnedRoute_HoldsTheNextVersion_UntilItIsUnpinned()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        RouteCommands commands = bench.Get<RouteCommands>();
        Assert.Equal(200, await RunAsync(bench, commands.Pin, "The fair is on."));

        Promotion held = await bench.HaveAsync(2, LanePhase.Passed);
        Assert.Equal(PromotionState.Held, held.State);
        Assert.Contains("is pinned by local: The fair is on; unpin it", held.StateReason, StringComparison.Ordinal);
        Assert.Equal(held.StateReason, held.Hold?.Reason);

        Assert.Equal(200, await RunAsync(bench, commands.Unpin, null));
        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(2));
        Assert.Equal(409, await RunAsync(bench, commands.Unpin, null));
    }

    [Fact]
    public async Task Withdraw_TakesTheCandidateBack_AndPinsAreRefusedBefore()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed);
        RouteCommands commands = bench.Get<RouteCommands>();
        Assert.Equal(409, await RunAsync(bench, commands.Pin, "Keep it."));
        Assert.Equal(409, await RunAsync(bench, commands.Withdraw, null));
        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(2));

        Assert.Equal(200, await RunAsync(bench, commands.Withdraw, "A hunch."));

        Assert.Equal(PromotionState.RolledBack, await bench.StateAsync(2));
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
        Assert.Equal(409, await RunAsync(bench, commands.Withdraw, "Again."));
    }

    private static async Task<int?> RunAsync(Bench bench, RouteCommand command, string? reason)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(PipelineJson.Write(new CommandRequest { Reason = reason }));
        IActionResult answer = await bench.Get<RouteCommands>().RunAsync(http.Request, bench.Model, command, Bench.Cancel);
        return Assert.IsType<ContentResult>(answer).StatusCode;
    }
}
