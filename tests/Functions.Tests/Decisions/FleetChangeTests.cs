using Pipeline.Cloud.Fleet;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Events;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Reconciling;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>Edges report in, and what is live gets to them.</summary>
[Collection(Bench.Collection)]
public sealed class FleetChangeTests(CloudFixture cloud)
{
    [Fact]
    public async Task NewTarget_GetsTheLiveVersionBuiltAndRouted_AndIsAnnounced()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.ReportAsync(bench.Other);

        await FollowAsync(bench);

        Promotion live = (await bench.ReadAsync(1)).Value;
        Assert.Equal(new[] { bench.Lane, bench.Other }.Order(), live.Lanes);
        Assert.Equal([bench.Other], live.JoinedLanes);
        Assert.Equal(PromotionState.Live, live.State);
        Assert.Contains($"{bench.Other} still building", live.StateReason, StringComparison.Ordinal);
        Assert.Contains(live.Notices, n => n.Text.Contains($"Edges run '{bench.Other}'", StringComparison.Ordinal));
        Assert.Equal(LanePhase.Queued, (await bench.LaneAsync(1, bench.Other)).Phase);
        Assert.Single(await bench.EventsAsync(EventTypes.FleetChanged));

        await bench.BuildAsync(1, bench.Other);

        Assert.Equal("1", (await bench.RouteAsync(bench.Other)).Route.Stable?.Version);
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
    }

    [Fact]
    public async Task NewTarget_IsRoutedByThePipeline_WhoeverApprovedTheVersion()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        Promotion held = await bench.HaveAsync(1, LanePhase.Passed, approval: true);
        var approval = new PromotionApproval { Who = "ada", At = bench.Clock.GetUtcNow() };
        await bench.Promotions.UpdateAsync(held.Id, p => p with { Approval = approval }, Bench.Cancel);
        await bench.Get<PromotionAdvancer>().AdvanceAsync(held.Id, Bench.Cancel);
        await bench.ReportAsync(bench.Other);
        await FollowAsync(bench);
        await bench.BuildAsync(1, bench.Other);

        async Task<string> WhoAsync(Lane lane) =>
            Assert.Single(await bench.Get<RouteStore>().HistoryAsync(lane.Target, 10, Bench.Cancel)).Who;
        Assert.Equal(("ada", Actors.Pipeline), (await WhoAsync(bench.Lane), await WhoAsync(bench.Other)));
    }

    [Fact]
    public async Task Following_Again_ChangesNothing()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.ReportAsync(bench.Other);
        await bench.ReportAsync(new Lane(bench.Other.Target, "ort-9.9.9-cpu"));
        await FollowAsync(bench);
        Azure.ETag before = (await bench.ReadAsync(1)).ETag;

        await FollowAsync(bench);

        Assert.Equal(before, (await bench.ReadAsync(1)).ETag);
        Assert.Single((await bench.ReadAsync(1)).Value.Notices);
    }

    [Fact]
    public async Task LaneThatNobodyBuildsFor_IsToldOnce()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        var foreign = new Lane(cloud.NewTarget(), "ort-1.29.0-cpu");
        await bench.ReportAsync(foreign);
        await FollowAsync(bench);
        await FollowAsync(bench);
        Assert.Single(await bench.EventsAsync(EventTypes.FleetChanged, foreign.Target));
    }

    [Fact]
    public async Task Edge_SilentForLongerThanADay_IsForgotten()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.ReportAsync(bench.Lane);
        // The table stamps a report with the time of the machine.
        DateTimeOffset reported = Assert.Single(await EdgesAsync(bench)).ReportedAt;
        bench.Clock.Advance(reported + TimeSpan.FromDays(1) - bench.Clock.GetUtcNow());
        await FollowAsync(bench);
        Assert.Single(await EdgesAsync(bench));

        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await FollowAsync(bench);

        Assert.Empty(await EdgesAsync(bench));
    }

    [Fact]
    public async Task OtherDriver_MeasuresTheEngineAgain_WhileItServes()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.Get<LaneStore>().UpdateAsync(bench.Id(1), bench.Lane, l => l with { Driver = "580.65.06" }, Bench.Cancel);
        await bench.ReportAsync(bench.Lane, "575.51.03");
        var routed = (await bench.RouteAsync()).Route;

        await FollowAsync(bench);
        await FollowAsync(bench);

        LaneRecord queued = await bench.LaneAsync(1, bench.Lane);
        Assert.Equal((LanePhase.Queued, 2), (queued.Phase, queued.Attempt));
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
        Assert.Equal(routed.Stable!.Version, (await bench.RouteAsync()).Route.Stable!.Version);

        await bench.BuildAsync(1, attempt: 2);
        await FollowAsync(bench);

        LaneRecord measured = await bench.LaneAsync(1, bench.Lane);
        Assert.Equal((LanePhase.Passed, 2), (measured.Phase, measured.Attempt));
        Assert.Equal(["575.51.03"], measured.EdgeDrivers);
        Assert.Equal(PromotionState.Live, await bench.StateAsync(1));
    }

    [Fact]
    public async Task RuntimeThatLeftTheTarget_KeepsNoVersionWaiting_OnceItsEdgesAreGone()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        var old = new Lane(bench.Lane.Target, "ort-1.28.0-cpu");
        await bench.ReportAsync(old);
        // The table's own clock stamps a report.
        DateTimeOffset reported = Assert.Single(await bench.Get<FleetStore>().ListAsync(old.Target, Bench.Cancel)).ReportedAt;
        bench.Clock.Advance(reported - bench.Clock.GetUtcNow());
        await bench.PutAsync(1, new RolloutPolicy(), bench.Lane, old);
        Assert.Equal(PromotionState.Held, (await bench.HaveAsync(2, LanePhase.Passed)).State);

        bench.Clock.Advance(TimeSpan.FromMinutes(11));
        await bench.Get<Reconciler>().ReconcileAsync(Bench.Cancel);

        Assert.Equal(PromotionState.RollingOut, await bench.StateAsync(2));
    }

    private static async Task<IEnumerable<FleetMember>> EdgesAsync(Bench bench) =>
        await bench.Get<FleetStore>().ListAsync(bench.Lane.Target, Bench.Cancel);

    private static Task FollowAsync(Bench bench) => bench.Get<FleetChanges>().FollowAsync(Bench.Cancel);
}
