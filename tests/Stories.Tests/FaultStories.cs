using Azure.Messaging.ServiceBus;
using Pipeline.Cloud;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Local.Environments;

namespace Pipeline.Stories.Tests;

/// <summary>Processes die and messages get lost or doubled; promotions end as if they had not.</summary>
public sealed class FaultStories(PipelineFixture pipeline)
{
    private readonly PipelineClient client = pipeline.Client;
    private readonly LocalEnvironment environment = pipeline.Environment;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_KilledMidBuild_AnotherDeliveryFinishes()
    {
        var id = new ModelVersion("fault-worker", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.With(""" "rollout": { "steps": [] } """, benchmark: "4s"));
        await Until.TrueAsync(
            "the worker measures",
            async () => (await client.FindAsync(id))?.Lanes.FirstOrDefault()?.Progress?.Stage == "benchmark");

        await environment.KillAsync("worker-1");
        await environment.StartAgainAsync("worker-1", Token);

        PromotionView view = await client.ReachesAsync(id, PromotionState.Live);
        // The engine was committed before the kill: the second delivery finds it and only measures.
        Assert.True(view.Lanes[0].Record.Reused);
        Assert.Equal(1, view.Lanes[0].Record.Attempt);
    }

    [Fact]
    public async Task Functions_KilledAfterAnUpload_GoOnWhereTheyStopped()
    {
        var id = new ModelVersion("fault-functions", "1");
        await environment.KillAsync("functions");
        try
        {
            await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
        }
        finally
        {
            await environment.StartAgainAsync("functions", Token);
        }

        await client.ReachesAsync(id, PromotionState.Live);
    }

    [Fact]
    public async Task Edge_Restarted_ServesWhatItServed()
    {
        var id = new ModelVersion("fault-edge", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
        await client.ReachesAsync(id, PromotionState.Live);
        await client.ServesAsync(id.Model, "1", [1, 1, 1, 1], [1, 4]);

        await environment.KillAsync("edge-1");
        await environment.StartAgainAsync("edge-1", Token);

        Answer answer = await client.ServesAsync(id.Model, "1", [1, 1, 1, 1], [1, 4]);
        Assert.Equal([2, 2, 2, 2], answer.Values);
    }

    [Fact]
    public async Task Edge_KilledWhileTheStorageIsAway_ServesWhatItServedAndThenFollowsAgain()
    {
        var id = new ModelVersion("fault-storage", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
        await client.ReachesAsync(id, PromotionState.Live);
        await client.ServesAsync(id.Model, "1", [1, 1, 1, 1], [1, 4]);

        await environment.StopAsync("azurite");
        try
        {
            await environment.KillAsync("edge-1");
            await environment.StartAgainAsync("edge-1", Token);
            Answer answer = await client.ServesAsync(id.Model, "1", [1, 1, 1, 1], [1, 4]);
            Assert.Equal([2, 2, 2, 2], answer.Values);
        }
        finally
        {
            await environment.StartAgainAsync("azurite", Token);
        }

        ModelVersion next = id with { Version = "2" };
        await client.PushAsync(next, TinyModels.Scale(3), Policies.AtOnce);
        await client.ReachesAsync(next, PromotionState.Live);
        await client.ServesAsync(id.Model, "2", [1, 1, 1, 1], [1, 4]);
    }

    [Fact]
    public async Task LostBlobEvent_IsHealedByTheReconcileTick()
    {
        var id = new ModelVersion("fault-event", "1");
        await environment.KillAsync("bridge");
        try
        {
            await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);

            await client.ReachesAsync(id, PromotionState.Live);
        }
        finally
        {
            await environment.StartAgainAsync("bridge", Token);
        }
    }

    [Fact]
    public async Task LostBuildRequest_IsSentAgain()
    {
        var id = new ModelVersion("fault-request", "1");
        await environment.StopAsync("worker-1");
        try
        {
            await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
            await client.ReachesAsync(id, PromotionState.Building);
            await using ServiceBusReceiver thief = client.Cloud.ServiceBus.CreateReceiver(
                EntityNames.BuildQueue(client.Lane),
                new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
            ServiceBusReceivedMessage? stolen = await thief.ReceiveMessageAsync(TimeSpan.FromSeconds(20), Token);
            Assert.NotNull(stolen);
        }
        finally
        {
            await environment.StartAgainAsync("worker-1", Token);
        }

        await client.ReachesAsync(id, PromotionState.Live);
    }

    [Fact]
    public async Task BuildThatNobodyTakes_EndsByItsDeadline_AndCanBeRetried()
    {
        var id = new ModelVersion("fault-deadline", "1");
        string policy = Policies.With(""" "rollout": { "steps": [] }, "buildDeadline": "3s" """);
        await environment.StopAsync("worker-1");
        try
        {
            await client.PushAsync(id, TinyModels.Scale(2), policy);
            PromotionView failed = await client.ReachesAsync(id, PromotionState.Failed);
            Assert.Equal(BuildFailureKind.DeadlineExceeded, failed.Lanes[0].Record.Failure?.Kind);
        }
        finally
        {
            await environment.StartAgainAsync("worker-1", Token);
        }

        Assert.Equal(200, (await client.CommandAsync($"models/{id.Model}/versions/1/retry")).Status);
        PromotionView live = await client.ReachesAsync(id, PromotionState.Live);
        Assert.Equal(2, live.Lanes[0].Record.Attempt);
    }

    [Fact]
    public async Task BuildRequest_GivenUpByTheQueue_FailsTheLaneWithItsReason()
    {
        var id = new ModelVersion("fault-dead-letter", "1");
        await environment.StopAsync("worker-1");
        try
        {
            await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
            await client.ReachesAsync(id, PromotionState.Building);
            await using ServiceBusReceiver receiver =
                client.Cloud.ServiceBus.CreateReceiver(EntityNames.BuildQueue(client.Lane));
            ServiceBusReceivedMessage request = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(20), Token);
            await receiver.DeadLetterMessageAsync(request, "MaxDeliveryCountExceeded", "five workers crashed", Token);

            PromotionView view = await client.ReachesAsync(id, PromotionState.Failed);
            Assert.Equal(BuildFailureKind.DeadLettered, view.Lanes[0].Record.Failure?.Kind);
            Assert.Contains("five workers crashed", view.Lanes[0].Record.Failure?.Message, StringComparison.Ordinal);
        }
        finally
        {
            await environment.StartAgainAsync("worker-1", Token);
        }
    }

    [Fact]
    public async Task DuplicatedMessages_ChangeNothing()
    {
        var id = new ModelVersion("fault-duplicate", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
        PromotionView before = await client.ReachesAsync(id, PromotionState.Live);
        LaneRecord lane = before.Lanes[0].Record;

        // Not the same MessageId, so that duplicate detection cannot hide what a handler would do.
        await using ServiceBusSender sender = client.Cloud.ServiceBus.CreateSender(EntityNames.BuildQueue(client.Lane));
        BuildRequest again = BuildPlanner.ToRequest(before.Promotion, lane);
        await sender.SendMessageAsync(BuildQueue.MessageOf(again, "a-duplicate-request", null), Token);
        var marker = new ModelVersion("fault-duplicate-marker", "1");
        await client.PushAsync(marker, TinyModels.Scale(7), Policies.AtOnce);
        // The queue is served in order: when the marker is out, the duplicate has been handled.
        await client.ReachesAsync(marker, PromotionState.Live);

        PromotionView after = (await client.FindAsync(id))!;
        Assert.Equal(PromotionState.Live, after.Promotion.State);
        Assert.Equal(lane.ReportSha256, after.Lanes[0].Record.ReportSha256);
        HistoryList history = await client.GetAsync<HistoryList>($"routes/{client.Lane.Target}/history");
        Assert.Single(history.Entries, e => e.After.Model == id.Model);
    }
}
