using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Stories.Tests;

/// <summary>Traffic moves on evidence, and back.</summary>
public sealed class RolloutStories(PipelineFixture pipeline)
{
    private readonly PipelineClient client = pipeline.Client;

    [Fact]
    public async Task GoodCandidate_UnderTraffic_IsPromotedAndUsersStay()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("roll-good", TinyModels.Scale(1));
        await client.PushAsync(two, TinyModels.Scale(1.5f), Policies.Canary(30, "2s", 20));
        await client.ReachesAsync(two, PromotionState.RollingOut);

        var seen = new Dictionary<string, HashSet<string>>();
        int failed = 0;
        await Until.TrueAsync(
            "the candidate is promoted",
            async () =>
            {
                foreach (string user in Enumerable.Range(0, 40).Select(i => $"user-{i}"))
                {
                    Answer answer = await client.InferAsync(one.Model, [1, 1, 1, 1], [1, 4], user);
                    if (answer.Status != 200) failed++;
                    else (seen.TryGetValue(user, out HashSet<string>? s) ? s : seen[user] = []).Add(answer.Version!);
                }

                return (await client.FindAsync(two))!.Promotion.State == PromotionState.Live;
            });

        Assert.Equal(0, failed);
        await client.ReachesAsync(one, PromotionState.Superseded);
        await client.ServesAsync(one.Model, "2", [1, 1, 1, 1], [1, 4]);
    }

    [Fact]
    public async Task BadCandidate_UnderTraffic_IsWithdrawnByItself()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("roll-bad", TinyModels.Scale(1));
        await client.PushAsync(two, TinyModels.FailsOnLargeInputs(1.5f), Policies.Canary(50, "60s", 100000));
        await client.ReachesAsync(two, PromotionState.RollingOut);

        await Until.TrueAsync(
            "the candidate is withdrawn",
            async () =>
            {
                foreach (string user in Enumerable.Range(0, 40).Select(i => $"user-{i}"))
                    await client.InferAsync(one.Model, [5, 5, 5, 5], [1, 4], user);
                return (await client.FindAsync(two))!.Promotion.State == PromotionState.RolledBack;
            });

        Route route = (await client.FindAsync(one))!.Routes.Single().Route;
        Assert.Equal("1", route.Stable?.Version);
        Assert.Null(route.Candidate);
        await client.ReachesAsync(one, PromotionState.Live);
        await Until.TrueAsync(
            "requests are answered by stable again",
            async () => (await client.InferAsync(one.Model, [5, 5, 5, 5], [1, 4], "user-1")).Status == 200);
    }

    [Fact]
    public async Task Candidate_IsReachedByItsTag()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("roll-tag", TinyModels.Scale(1));
        await client.PushAsync(two, TinyModels.Scale(4), Policies.Canary(1, "60s", 100000));
        await client.ReachesAsync(two, PromotionState.RollingOut);

        Answer answer = await Until.FoundAsync<Answer>(
            "the candidate answers to its tag",
            async () => await client.InferAsync(one.Model, [1, 1, 1, 1], [1, 4], tag: "candidate") is { Version: "2" } a ? a : null);

        Assert.Equal([4, 4, 4, 4], answer.Values);
        Assert.Equal("1", (await client.InferAsync(one.Model, [1, 1, 1, 1], [1, 4], tag: "stable")).Version);
        Assert.Equal(200, (await client.CommandAsync($"models/{one.Model}/rollback", "end of story")).Status);
    }

    [Fact]
    public async Task Rollback_DuringARollout_WithdrawsTheCandidate()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("roll-during", TinyModels.Scale(1));
        await client.PushAsync(two, TinyModels.Scale(4), Policies.Canary(50, "60s", 100000));
        await client.ReachesAsync(two, PromotionState.RollingOut);

        (int status, _) = await client.CommandAsync($"models/{one.Model}/rollback", "a hunch");

        Assert.Equal(200, status);
        PromotionView view = await client.ReachesAsync(two, PromotionState.RolledBack);
        Assert.Equal("1", view.Routes.Single().Route.Stable?.Version);
        await client.ReachesAsync(one, PromotionState.Live);
    }

    [Fact]
    public async Task Rollback_AfterARollout_PutsBackExactlyTheEngineFromBefore()
    {
        (ModelVersion one, ModelVersion two) = await WithStableAsync("roll-after", TinyModels.Scale(1));
        RoutedVersion before = (await client.FindAsync(one))!.Routes.Single().Route.Stable!;
        await client.PushAsync(two, TinyModels.Scale(4), Policies.AtOnce);
        await client.ReachesAsync(two, PromotionState.Live);
        await client.ServesAsync(two.Model, "2", [1, 1, 1, 1], [1, 4]);

        Assert.Equal(409, (await client.CommandAsync($"models/{one.Model}/rollback")).Status);
        Assert.Equal(200, (await client.CommandAsync($"models/{one.Model}/rollback", "numbers look odd")).Status);

        await client.ReachesAsync(two, PromotionState.RolledBack);
        RoutedVersion after = (await client.FindAsync(one))!.Routes.Single().Route.Stable!;
        Assert.True(before.HasSameEngines(after));
        Answer answer = await client.ServesAsync(one.Model, "1", [1, 1, 1, 1], [1, 4]);
        Assert.Equal([1, 1, 1, 1], answer.Values);
    }

    private async Task<(ModelVersion One, ModelVersion Two)> WithStableAsync(string model, byte[] bytes)
    {
        var one = new ModelVersion(model, "1");
        await client.PushAsync(one, bytes, Policies.AtOnce);
        await client.ReachesAsync(one, PromotionState.Live);
        await client.ServesAsync(model, "1", [1, 1, 1, 1], [1, 4]);
        return (one, new ModelVersion(model, "2"));
    }
}
