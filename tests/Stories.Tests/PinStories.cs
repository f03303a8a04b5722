using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Stories.Tests;

/// <summary>A person holds a route, or takes a candidate back.</summary>
public sealed class PinStories(PipelineFixture pipeline)
{
    private readonly PipelineClient client = pipeline.Client;

    [Fact]
    public async Task PinnedModel_KeepsItsVersion_UntilItIsUnpinned()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("pin-hold");
        Assert.Equal(200, (await client.CommandAsync($"models/{one.Model}/pin", "the fair is on", client.Lane.Target)).Status);
        await client.PushAsync(two, TinyModels.Scale(2), Policies.AtOnce);

        PromotionView held = await client.ReachesAsync(two, PromotionState.Held);

        Assert.Contains("pinned by local: the fair is on", held.Promotion.Hold?.Reason, StringComparison.Ordinal);
        Assert.Equal("1", held.Routes.Single().Route.Stable?.Version);
        Assert.Equal("the fair is on", held.Routes.Single().Pin?.Why);

        Assert.Equal(200, (await client.CommandAsync($"models/{one.Model}/unpin")).Status);

        await client.ReachesAsync(two, PromotionState.Live);
        await client.ServesAsync(one.Model, "2", [1, 1, 1, 1], [1, 4]);
        RouteHistoryEntry[] pins = await HistoryAsync(one.Model, "inned");
        Assert.Equal(["Unpinned", "Pinned"], pins.Select(e => e.Why.Split(' ', ':')[0]));
        Assert.All(pins, e => Assert.Equal("local", e.Who));
    }

    [Fact]
    public async Task Candidate_WithdrawnByHand_LeavesStableAlone()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("pin-withdraw");
        Assert.Equal(409, (await client.CommandAsync($"models/{one.Model}/withdraw", "there is none")).Status);
        await client.PushAsync(two, TinyModels.Scale(4), Policies.Canary(50, "60s", 100000));
        await client.ReachesAsync(two, PromotionState.RollingOut);
        Assert.Equal(409, (await client.CommandAsync($"models/{one.Model}/pin", "keep it")).Status);

        Assert.Equal(200, (await client.CommandAsync($"models/{one.Model}/withdraw", "a hunch")).Status);

        PromotionView view = await client.ReachesAsync(two, PromotionState.RolledBack);
        Assert.Equal("1", view.Routes.Single().Route.Stable?.Version);
        Assert.Contains("a hunch", view.Promotion.StateReason, StringComparison.Ordinal);
        Assert.Equal("local", Assert.Single(await HistoryAsync(one.Model, "withdrawn: a hunch")).Who);
        await client.ReachesAsync(one, PromotionState.Live);
    }

    private async Task<RouteHistoryEntry[]> HistoryAsync(string model, string why) =>
    [
        .. (await client.GetAsync<HistoryList>($"routes/{client.Lane.Target}/history")).Entries
            .Where(e => e.After.Model == model && e.Why.Contains(why, StringComparison.Ordinal)),
    ];

    private async Task<(ModelVersion One, ModelVersion Two)> WithStableAsync(string model)
    {
        var one = new ModelVersion(model, "1");
        await client.PushAsync(one, TinyModels.Scale(1), Policies.AtOnce);
        await client.ReachesAsync(one, PromotionState.Live);
        return (one, new ModelVersion(model, "2"));
    }
}
