using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;

namespace Pipeline.Stories.Tests;

/// <summary>Two targets: one that comes later, and one that stays behind.</summary>
public sealed class FleetStories(GrownFleetFixture fleet) : IClassFixture<GrownFleetFixture>
{
    private const string Needed = "two lanes of this machine need a processor with AVX-512";

    [Fact]
    public async Task EdgeOfANewTarget_GetsEnginesOfWhatIsLive()
    {
        Assert.SkipUnless(GrownFleetFixture.IsPossible, Needed);
        Answer answer = await fleet.Second.ServesAsync(GrownFleetFixture.Early.Model, "1", [1, 1, 1, 1], [1, 4]);

        Assert.Equal([3, 3, 3, 3], answer.Values);
        PromotionView view = await fleet.First.ReachesAsync(GrownFleetFixture.Early, PromotionState.Live);
        Assert.Equal(2, view.Lanes.Length);
        Assert.All(view.Lanes, l => Assert.Equal(PromotionState.Live, l.State));
        Assert.Contains(view.Promotion.Notices, n => n.Text.StartsWith("Edges run 'cpu-x64-avx512/", StringComparison.Ordinal));
        Assert.Equal(200, (await fleet.First.InferAsync(GrownFleetFixture.Early.Model, [1, 1, 1, 1], [1, 4])).Status);
    }

    [Fact]
    public async Task QuorumOfOneTarget_GoesLiveThere_AndTheOtherStaysOnItsVersion()
    {
        Assert.SkipUnless(GrownFleetFixture.IsPossible, Needed);
        var one = new ModelVersion("fleet-quorum", "1");
        var two = new ModelVersion("fleet-quorum", "2");
        await fleet.First.PushAsync(one, TinyModels.Scale(1), Policies.AtOnce);
        await fleet.Second.ServesAsync(one.Model, "1", [1, 1, 1, 1], [1, 4]);
        await fleet.Environment.StopAsync("worker-2");
        try
        {
            await fleet.First.PushAsync(two, TinyModels.Scale(2), Policies.With(
                """ "quorum": { "targets": ["cpu-x64-avx2"] }, "rollout": { "steps": [] }, "buildDeadline": "4s" """));
            await fleet.First.ServesAsync(one.Model, "2", [1, 1, 1, 1], [1, 4]);

            PromotionView view = await Until.FoundAsync<PromotionView>(
                "the lane that nobody builds fails",
                async () => await fleet.First.FindAsync(two) is { } found && found.Lanes.Any(l => l.Record.Failure is not null)
                    && found.Promotion.StateReason.Contains("stays on version", StringComparison.Ordinal) ? found : null);

            Assert.Equal(PromotionState.Live, view.Promotion.State);
            Assert.Contains("(cpu-x64-avx512 stays on version '1')", view.Promotion.StateReason, StringComparison.Ordinal);
            Assert.Equal(BuildFailureKind.DeadlineExceeded, view.Lanes.Single(l => l.State == PromotionState.Failed).Record.Failure?.Kind);
            Assert.Equal("1", (await fleet.Second.InferAsync(one.Model, [1, 1, 1, 1], [1, 4])).Version);
        }
        finally
        {
            await fleet.Environment.StartAgainAsync("worker-2", TestContext.Current.CancellationToken);
        }
    }
}
