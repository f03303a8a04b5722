using System.Text;
using Azure.Storage.Blobs.Specialized;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Json;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Management;
using Pipeline.Functions.Rollouts;
using Pipeline.Functions.Routes;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Decisions;

/// <summary>A rollback takes one version off, once, wherever that version is.</summary>
[Collection(Bench.Collection)]
public sealed class RollbackTests(CloudFixture cloud)
{
    [Fact]
    public async Task Rollback_LeavesTargetsThatTheNewestVersionNeverCameTo_AndSaysSo()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await PutAsync(bench, bench.Lane, 2, 3);
        await PutAsync(bench, bench.Other, 1, 2);

        ContentResult answer = await RollbackAsync(bench, version: null);

        Assert.Equal(200, answer.StatusCode);
        Assert.Equal("2", await StableAsync(bench, bench.Lane));
        Assert.Equal("2", await StableAsync(bench, bench.Other));
        string left = Assert.Single(PipelineJson.TryRead<CommandResult>(Encoding.UTF8.GetBytes(answer.Content!), out _)!.Refused);
        Assert.Contains(bench.Other.Target, left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_OfANamedVersion_Repeated_TakesNothingMoreOff()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await PutAsync(bench, bench.Lane, 1, 2);
        RouteState before = await PutCandidateAsync(bench, 3);

        Assert.Equal(200, (await RollbackAsync(bench, "3")).StatusCode);
        ContentResult again = await RollbackAsync(bench, "3");

        Assert.Equal(409, again.StatusCode);
        Assert.Contains("is off", again.Content, StringComparison.Ordinal);
        Assert.Equal(before.Route.Stable!.Version, await StableAsync(bench, bench.Lane));
    }

    /// <summary>The client sends a write again whose answer it lost, and hears of a conflict with itself.</summary>
    [Fact]
    public async Task Change_WhoseAnswerWasLost_IsNotDecidedAgain()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await PutAsync(bench, bench.Lane, 1, 2);
        await PutCandidateAsync(bench, 3);
        int decided = 0;
        RouteOutcome outcome = await bench.Get<RouteExecutor>().ChangeAsync(
            bench.Lane.Target, bench.Model,
            f =>
            {
                decided++;
                RouteOutcome made = RoutePlanner.Rollback(f.Current!, f.Revision, "Bad.", "ada", bench.Clock.GetUtcNow());
                Write(bench, made);
                return made;
            },
            Bench.Cancel);

        Assert.IsType<RouteOutcome.Changed>(outcome);
        Assert.Equal(1, decided);
        Assert.Equal("2", await StableAsync(bench, bench.Lane));
    }

    /// <summary>Whoever heard of an error would do it once more.</summary>
    [Fact]
    public async Task Rollback_ThatCannotBePublished_IsDone_AndSaysSo()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await PutAsync(bench, bench.Lane, 1, 2, 3);
        BlobLeaseClient held = bench.Get<CloudClients>().Container(EntityNames.RoutesContainer)
            .GetBlobClient(EntityNames.SnapshotBlob(bench.Lane.Target)).GetBlobLeaseClient();
        await held.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, cancellationToken: Bench.Cancel);

        ContentResult answer = await RollbackAsync(bench, version: null);
        await held.ReleaseAsync(cancellationToken: Bench.Cancel);

        Assert.Equal(200, answer.StatusCode);
        Assert.Contains("cannot be told now", answer.Content, StringComparison.Ordinal);
        Assert.Equal("2", await StableAsync(bench, bench.Lane));
    }

    [Fact]
    public async Task TargetWhoseLastLaneWasTakenAway_IsStillWatchedAndRolledBack()
    {
        await using Bench bench = await Bench.StartAsync(cloud);
        await bench.HaveAsync(1, LanePhase.Passed);
        await bench.HaveAsync(2, LanePhase.Passed);
        var end = new PromotionEnd
        {
            State = PromotionState.Cancelled,
            Reason = "Not this one.",
            Who = "ada",
            At = bench.Clock.GetUtcNow(),
        };
        await bench.RedeployAsync(bench.Other);
        await bench.Promotions.UpdateAsync(bench.Id(2), p => p with { End = end }, Bench.Cancel);

        await bench.Get<RolloutDriver>().DriveAsync(Bench.Cancel);

        Assert.Null((await bench.RouteAsync()).Route.Candidate);
        await PutAsync(bench, bench.Lane, 3);
        Assert.Equal(200, (await RollbackAsync(bench, "3")).StatusCode);
        Assert.Equal("1", await StableAsync(bench, bench.Lane));
    }

    private static void Write(Bench bench, RouteOutcome made) => bench.Get<RouteStore>().ApplyAsync(
        ((RouteOutcome.Changed)made).Change, bench.Clock.GetUtcNow(), Bench.Cancel).GetAwaiter().GetResult();

    private static async Task<ContentResult> RollbackAsync(Bench bench, string? version)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(PipelineJson.Write(new CommandRequest { Reason = "Bad.", Version = version }));
        return Assert.IsType<ContentResult>(
            await bench.Get<RouteCommands>().RollbackAsync(http.Request, bench.Model, Bench.Cancel));
    }

    private static async Task<string?> StableAsync(Bench bench, Lane lane) => (await bench.RouteAsync(lane)).Route.Stable?.Version;

    private static async Task PutAsync(Bench bench, Lane lane, params int[] versions)
    {
        foreach (int version in versions) await bench.PutAsync(version, new RolloutPolicy { Steps = [] }, lane);
    }

    private static async Task<RouteState> PutCandidateAsync(Bench bench, int version)
    {
        await bench.PutAsync(version, new RolloutPolicy(), bench.Lane);
        RouteState state = await bench.RouteAsync();
        Assert.Equal($"{version}", state.Route.Candidate?.Version);
        return state;
    }
}
