using System.Collections.Immutable;
using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Policies;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>What must not be followed is refused and reported, and the old engine goes on serving.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task Snapshot_OfAnOlderRevision_IsRefused()
    {
        await using EdgeHarness edge = await StartAsync();
        Route second = edge.Route("add", edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2))));
        edge.Publish(second);
        await edge.WaitServingAsync("add", "2");

        edge.Routes.Publish(
            edge.Snapshot(1, edge.Route("add", edge.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1))))));
        await edge.WaitReportAsync(
            r => r.SnapshotFault == "The snapshot has revision 1, older than the 2 that is followed.",
            "the fault is reported");
        await AssertServesAsync(edge, 2);
        Assert.Equal(2, edge.Fleet.Last!.Revision);

        edge.Publish(second);
        await edge.WaitReportAsync(r => r is { SnapshotFault: null, Revision: 3 }, "the next good one is followed");
    }

    [Fact]
    public async Task Snapshot_OfAnotherSigner_IsRefused()
    {
        await using EdgeHarness edge = await StartAsync();
        using var stranger = new TestSigner();
        Route route = edge.Route("add", edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2))));
        edge.Routes.Publish(edge.Snapshot(9, stranger, route));

        await edge.WaitReportAsync(
            r => r.SnapshotFault == "No signature of a trusted key fits the envelope.", "the fault is reported");
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Snapshot_ThatIsNoJson_IsRefused()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.Routes.Publish("no routes at all"u8.ToArray());
        await edge.WaitReportAsync(r => r.SnapshotFault is not null, "the fault is reported");
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Engine_WithAStatementForAnotherVersion_IsRefused()
    {
        await using EdgeHarness edge = await StartAsync();
        RoutedVersion signedForThree = edge.Version("add", "3", TestEngines.Build(TinyOnnx.Add(2)));
        edge.Publish(edge.Route("add", signedForThree with { Version = "2" }));

        await AssertFailedAsync(edge, "StatementRefused: The engine's statement is for version '3', not '2'.");
        await AssertServesAsync(edge, 1);
        Assert.Single(edge.Engines.Downloads);
    }

    [Fact]
    public async Task Engine_WhoseStoredBytesDiffer_IsRefusedUntilTheyAreRight()
    {
        await using EdgeHarness edge = await StartAsync();
        RoutedVersion second = edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)));
        string digest = second.Engines.Values.Single().EngineDigest;
        byte[] good = edge.Engines.Files[digest];
        edge.Engines.Files[digest] = [.. good[..^1], (byte)(good[^1] ^ 1)];
        edge.Publish(edge.Route("add", second));

        await AssertFailedAsync(edge, "DigestMismatch: The stored engine is not what the route names: another digest.");
        await AssertServesAsync(edge, 1);
        edge.Engines.Files[digest] = good;
        await edge.WaitServingAsync("add", "2");
        await AssertServesAsync(edge, 2);
    }

    [Fact]
    public async Task Engine_ThatIsNotStored_IsReportedAndNotHeldAgainstIt()
    {
        await using EdgeHarness edge = await StartAsync();
        RoutedVersion second = edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)));
        edge.Engines.Files.Clear();
        edge.Publish(edge.Route("add", second));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Loading } && e.Reason
                == "DownloadFailed: The download failed: There is no such engine."),
            "it is reported");
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Engine_ThatDoesNotLoad_IsReportedAsFailed()
    {
        await using EdgeHarness edge = await StartAsync();
        edge.Publish(edge.Route("add", edge.Version("add", "2", "not an engine"u8.ToArray())));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed, Reason: not null }
                && e.Reason.StartsWith("LoadFailed: ", StringComparison.Ordinal)),
            "the failure is reported");
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Engine_ThatDoesNotRunOnItsProfile_IsReportedAsFailed()
    {
        await using EdgeHarness edge = await StartAsync();
        ShapeProfile wrong = new()
        {
            Name = "wide",
            Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
                "x", new ShapeRange { Minimum = [1, 5], Typical = [1, 5], Maximum = [1, 5] }),
        };
        edge.Publish(edge.Route("add", edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)), wrong)));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed, Reason: not null }
                && e.Reason.StartsWith("WarmUpFailed: ", StringComparison.Ordinal)),
            "the failure is reported");
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Engine_BeyondTheMemoryLimit_IsRefused()
    {
        long size = TestEngines.Build(TinyOnnx.Add(1)).Length;
        await using EdgeHarness edge = await StartAsync(o => o with { MemoryLimitBytes = 3 * size });
        edge.Publish(edge.Route("add", edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)))));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.MemoryExceeded, Reason: not null }
                && e.Reason.StartsWith("MemoryExceeded: ", StringComparison.Ordinal)),
            "the refusal is reported");
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Version_WithoutAnEngineForThisRuntime_LeavesTheOldOneServing()
    {
        await using EdgeHarness edge = await StartAsync();
        RoutedVersion second = edge.Version("add", "2", TestEngines.Build(TinyOnnx.Add(2)));
        ImmutableSortedDictionary<string, RoutedEngine> elsewhere =
            ImmutableSortedDictionary<string, RoutedEngine>.Empty.Add("ort-1.0.0-cuda", second.Engines.Values.Single());
        edge.Publish(edge.Route("add", second with { Engines = elsewhere }));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.NoEngineForRuntime })
                && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving }),
            "it is reported");
        await AssertServesAsync(edge, 1);
        Assert.True(edge.State.IsReady);
    }

    private static Task<EdgeHarness> StartAsync(Func<EdgeOptions, EdgeOptions>? configure = null) =>
        EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)), configure: configure);

    private static Task AssertFailedAsync(EdgeHarness edge, string reason) => edge.WaitReportAsync(
        r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed } && e.Reason == reason),
        $"it reports '{reason}'");

    private static async Task AssertServesAsync(EdgeHarness edge, int version)
    {
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal($"{version}", answer.Version);
        Assert.Equal(version, answer.Floats()[0]);
    }
}
