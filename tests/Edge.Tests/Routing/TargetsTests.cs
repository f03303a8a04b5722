using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests.Routing;

/// <summary>A machine that runs a narrow and a wide target.</summary>
public sealed class TargetsTests
{
    private const string Narrow = "sm_90-h200";
    private const string Wide = "sm_90";

    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));
    private static readonly byte[] Third = TestEngines.Build(TinyOnnx.Add(3));

    [Fact]
    public async Task Model_IsServedByTheWideRoute_UntilTheNarrowOneHasAStableEngine()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.PublishOn(Wide, edge.Route("add", Wider(edge, "1", First)));
        await edge.WaitServingAsync("add", "1");
        Assert.Equal(Wide, edge.State.Table.Models["add"].Target);

        // A narrow route for another runtime alone does not count.
        RoutedVersion elsewhere = edge.Version("add", "2", Second);
        edge.Publish(edge.Route("add", elsewhere with
        {
            Engines = elsewhere.Engines.Clear().Add("trt-10.0.0.1", elsewhere.Engines.Values.Single()),
        }));
        await EdgeHarness.Until(() => edge.FollowedRevision == edge.Revision, "the narrow routes are followed");
        Assert.Equal(("1", Wide), Serving(edge));

        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitServingAsync("add", "2");
        Assert.Equal(("2", Narrow), Serving(edge));

        // From here on what the wide route says is not this edge's business.
        edge.PublishOn(Wide, edge.Route("add", Wider(edge, "3", Third)));
        await EdgeHarness.Until(() => edge.State.Table.RevisionOf(Wide) == edge.Revision, "the wide routes are followed");
        Assert.Equal(("2", Narrow), Serving(edge));
    }

    [Fact]
    public async Task Reports_TellEachTargetWhatIsRoutedByIt()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.PublishOn(
            Wide, edge.Route("add", Wider(edge, "1", First)) with { StepRevision = 5 },
            edge.Route("wide", edge.Version("wide", "1", Third, target: Wide)));
        await edge.WaitServingAsync("add", "1");
        await edge.WaitServingAsync("wide", "1");
        await edge.SendAsync(InferCall.Row("add", 0));
        await edge.SendAsync(InferCall.Row("wide", 0));
        await EdgeHarness.Until(() => Last(edge, Wide)?.Counters.Sum(c => c.Requests) == 2, "the wide target is told of both");
        await EdgeHarness.Until(() => Last(edge, Narrow)?.WiderTargets.IsEmpty == true, "the wide target is told of by itself");
        FleetReport narrow = Last(edge, Narrow)!;
        Assert.Equal((0, 0, 0), (narrow.Revision, narrow.Engines.Length, narrow.Counters.Length));
        Assert.Equal(("add", 5), (Assert.Single(Last(edge, Wide)!.Steps).Model, Assert.Single(Last(edge, Wide)!.Steps).Revision));

        // The same step number on another target is another step.
        edge.Publish(edge.Route("add", edge.Version("add", "1", Second)) with { StepRevision = 5 });
        await EdgeHarness.Until(
            () => Last(edge, Narrow) is { Engines: [{ Model: "add", Status: EdgeEngineStatus.Serving }], Revision: > 0 }
                && Last(edge, Wide) is { Engines: [{ Model: "wide" }] },
            "each target is told of its own");
        await edge.SendAsync(InferCall.Row("add", 0));
        await EdgeHarness.Until(() => Last(edge, Narrow)!.Counters.Sum(c => c.Requests) == 2, "the counts moved along");
        Assert.Equal(1, Assert.Single(Assert.Single(Last(edge, Narrow)!.Steps).Counters).Requests);
        Assert.Empty(Last(edge, Wide)!.Steps);
        Assert.Equal("wide", Assert.Single(Last(edge, Wide)!.Counters).Model);
        Assert.Equal(Last(edge, Narrow)!.StartId, Last(edge, Wide)!.StartId);
    }

    [Fact]
    public async Task Report_GoesToTheNarrowestAlone_WhileNoOtherHasRoutes()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.Publish(edge.Route("add", edge.Version("add", "1", First)));
        await edge.WaitServingAsync("add", "1");
        await edge.WaitReportAsync(r => r.Engines.Length == 1, "it reports");
        Assert.Null(Last(edge, Wide));
        // Whoever plans builds is to know that engines of the wide target would be taken.
        Assert.Equal([Wide], Last(edge, Narrow)!.WiderTargets);
    }

    [Fact]
    public async Task Fault_OfOneSnapshot_LeavesTheOtherFollowed()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.PublishOn(Wide, edge.Route("add", Wider(edge, "1", First)));
        edge.Routes.Publish("no routes at all"u8.ToArray());
        await edge.WaitServingAsync("add", "1");
        await EdgeHarness.Until(() => Last(edge, Narrow)?.SnapshotFault is not null, "the fault is reported where it is");
        Assert.Null(Last(edge, Wide)!.SnapshotFault);

        // A wide snapshot in the narrow one's place is not taken for it.
        edge.Routes.Publish(edge.Snapshot(Wide, 50, edge.Route("add", Wider(edge, "9", Second)) with { Target = Wide }));
        await EdgeHarness.Until(
            () => Last(edge, Narrow)?.SnapshotFault?.StartsWith("The snapshot is for target 'sm_90', not 'sm_90-h200'.", StringComparison.Ordinal)
                == true,
            "it is refused");
        Assert.Equal(("1", Wide), Serving(edge));
    }

    [Theory]
    [InlineData("sm_80")]
    [InlineData(Narrow)]
    public async Task Engine_StatedForAnotherLane_IsRefusedBeforeItIsRead(string stated)
    {
        var device = new DeviceBackend(1_000_000);
        await using EdgeHarness edge = await EdgeHarness.StartAsync(Both, device);
        edge.PublishOn(Wide, edge.Route("add", edge.Version("add", "1", First, target: stated)));
        await EdgeHarness.Until(
            () => Last(edge, Wide)?.Engines is [{ Status: EdgeEngineStatus.Failed, Reason: var reason }]
                && reason!.StartsWith("StatementRefused: The engine's statement is for lane", StringComparison.Ordinal),
            "it is refused");
        Assert.Empty(edge.Engines.Downloads);
        Assert.Empty(device.Loads);
    }

    [Fact]
    public async Task Restart_WithoutTheCloud_FindsBothTargetsAndTheLastGoodOfEither()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.PublishOn(
            Wide, edge.Route("add", Wider(edge, "1", First)), edge.Route("wide", edge.Version("wide", "1", Third, target: Wide)));
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitServingAsync("add", "2");
        await edge.WaitServingAsync("wide", "1");
        edge.Routes.IsAway = true;
        edge.Engines.IsAway = true;

        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "2");
        await edge.WaitServingAsync("wide", "1");
        Assert.Equal(2, edge.Shelf.Loads);

        // The narrow route's new engine does not load: the last good one is of the narrow lane. After that, of the wide one's.
        edge.Routes.IsAway = false;
        edge.Engines.IsAway = false;
        edge.PublishOn(Wide, edge.Route("wide", edge.Version("wide", "2", "not an engine"u8.ToArray(), target: Wide)));
        edge.Publish(edge.Route("add", edge.Version("add", "3", "nor is this"u8.ToArray())));
        await EdgeHarness.Until(
            () => edge.FollowedRevision == edge.Revision && edge.State.Table.RevisionOf(Wide) == edge.Revision - 1, "both are followed");
        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "2");
        await edge.WaitServingAsync("wide", "1");
    }

    [Fact]
    public async Task Wide_IsNotBroughtUp_OnlyBecauseTheNarrowOneIsReadAMomentLater()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync(Both, prepare: e =>
        {
            e.Routes.Holds(Narrow);
            e.PublishOn(Wide, e.Route("add", Wider(e, "1", First)));
            e.Publish(e.Route("add", e.Version("add", "2", Second)));
        });
        await EdgeHarness.Until(() => edge.Routes.Reads > 3, "the wide routes were read again and again");
        Assert.Empty(edge.State.Table.Models);
        edge.Routes.Release();
        await edge.WaitServingAsync("add", "2");
        Assert.Equal(1, edge.Shelf.Loads);
    }

    private static Task<EdgeHarness> StartAsync() => EdgeHarness.StartAsync(Both);

    private static EdgeOptions Both(EdgeOptions options) => options with { Target = Narrow, Targets = [Narrow, Wide] };

    private static RoutedVersion Wider(EdgeHarness edge, string version, byte[] engine) =>
        edge.Version("add", version, engine, target: Wide);

    private static (string?, string) Serving(EdgeHarness edge) =>
        (edge.State.Table.Models["add"].Stable?.Version, edge.State.Table.Models["add"].Target);

    private static FleetReport? Last(EdgeHarness edge, string target) => edge.Fleet.LastOf(target);
}
