using System.Text;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud;
using Pipeline.Cloud.Uploads;
using Pipeline.Core.Events;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Onnx.Npz;

namespace Pipeline.Stories.Tests;

/// <summary>An uploaded model becomes a serving engine, or waits for a person.</summary>
public sealed class PromotionStories(PipelineFixture pipeline)
{
    private readonly PipelineClient client = pipeline.Client;

    [Fact]
    public async Task FirstVersion_WithAPolicy_IsServedByTheEdge()
    {
        var id = new ModelVersion("story-first", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);

        PromotionView view = await client.ReachesAsync(id, PromotionState.Live);
        Answer answer = await client.ServesAsync(id.Model, "1", [1, 2, 3, 4], [1, 4]);

        Assert.Equal([2, 4, 6, 8], answer.Values);
        LaneView lane = Assert.Single(view.Lanes);
        Assert.Equal(LanePhase.Passed, lane.Record.Phase);
        Assert.NotNull(lane.Record.Statement);
        HistoryList history = await client.GetAsync<HistoryList>($"routes/{client.Lane.Target}/history");
        Assert.Contains(history.Entries, e => e.After.Model == id.Model && e.After.Stable?.Version == "1" && e.Why.Length > 0);
    }

    [Fact]
    public async Task Upload_WithoutAPolicy_HoldsUntilSomebodyApproves()
    {
        var id = new ModelVersion("story-held", "1");
        await client.PushAsync(id, TinyModels.Scale(3));

        PromotionView held = await client.ReachesAsync(id, PromotionState.Held);
        Assert.NotNull(held.Promotion.Hold);
        Assert.Empty(held.Routes);
        (int status, _) = await client.CommandAsync($"models/{id.Model}/versions/1/approve", "looks right");

        Assert.Equal(200, status);
        PromotionView live = await client.ReachesAsync(id, PromotionState.Live);
        Assert.Equal("local", live.Promotion.Approval?.Who);
        await client.ServesAsync(id.Model, "1", [1, 1, 1, 1], [1, 4]);
    }

    [Fact]
    public async Task HeldVersion_Cancelled_NeverGetsTraffic()
    {
        var id = new ModelVersion("story-cancelled", "1");
        await client.PushAsync(id, TinyModels.Scale(3));
        await client.ReachesAsync(id, PromotionState.Held);

        (int status, _) = await client.CommandAsync($"models/{id.Model}/versions/1/cancel", "not this one");

        Assert.Equal(200, status);
        PromotionView view = await client.ReachesAsync(id, PromotionState.Cancelled);
        Assert.Contains("not this one", view.Promotion.StateReason, StringComparison.Ordinal);
        Assert.Equal(409, (await client.CommandAsync($"models/{id.Model}/versions/1/approve")).Status);
    }

    [Fact]
    public async Task SameModel_UnderAnotherVersion_IsNotBuiltAgain()
    {
        byte[] model = TinyModels.Scale(1.25f);
        var first = new ModelVersion("story-same", "1");
        var second = new ModelVersion("story-same", "2");
        await client.PushAsync(first, model, Policies.AtOnce);
        PromotionView built = await client.ReachesAsync(first, PromotionState.Live);

        await client.PushAsync(second, model, Policies.Canary(10, "60s", 1000));

        PromotionView reused = await client.ReachesAsync(second, PromotionState.Live);
        Assert.True(reused.Lanes[0].Record.Reused);
        Assert.Equal(built.Lanes[0].Record.EngineDigest, reused.Lanes[0].Record.EngineDigest);
        Answer answer = await client.ServesAsync(second.Model, "2", [1, 1, 1, 1], [1, 4]);
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task TwoVersions_UploadedTogether_EndWithTheNewerOneServing()
    {
        var first = new ModelVersion("story-two", "a");
        var second = new ModelVersion("story-two", "b");
        await Task.WhenAll(
            client.PushAsync(first, TinyModels.Scale(5), Policies.AtOnce),
            client.PushAsync(second, TinyModels.Scale(6), Policies.AtOnce));

        PromotionView one = await client.ReachesAsync(first, PromotionState.Live, PromotionState.Superseded);
        PromotionView two = await client.ReachesAsync(second, PromotionState.Live, PromotionState.Superseded);
        Assert.NotEqual(one.Promotion.AcceptanceNumber, two.Promotion.AcceptanceNumber);
        ModelVersion newer = one.Promotion.AcceptanceNumber > two.Promotion.AcceptanceNumber ? first : second;
        ModelVersion older = newer == first ? second : first;

        await client.ReachesAsync(newer, PromotionState.Live);
        await client.ReachesAsync(older, PromotionState.Superseded);
        await client.ServesAsync(newer.Model, newer.Version, [1, 1, 1, 1], [1, 4]);
    }

    [Fact]
    public async Task DegradedWeights_AgainstGoldenOutputs_AreRejectedByTheAccuracyGate()
    {
        float[] x = [0.9f, -0.4f, 0.7f, 0.3f];
        var good = new ModelVersion("story-golden", "1");
        var degraded = new ModelVersion("story-golden", "2");
        byte[] model = TinyModels.Dense();
        await client.PushAsync(good, model, Policies.AtOnce);
        await client.ReachesAsync(good, PromotionState.Live);
        Answer truth = await client.ServesAsync(good.Model, "1", x, [1, 4]);
        byte[] golden = Npz(NpyArray.Of<float>("x", [1, 4], x), NpyArray.Of<float>("y", [1, 4], truth.Values));

        await client.PushAsync(degraded, await DegradeAsync(model), Policies.AtOnce, ("golden/one.npz", golden));

        PromotionView view = await client.ReachesAsync(degraded, PromotionState.Rejected);
        Assert.Equal(LanePhase.Failed, view.Lanes[0].Record.Phase);
        Assert.Null(view.Lanes[0].Record.Statement);
        await client.ServesAsync(good.Model, "1", x, [1, 4]);
    }

    [Fact]
    public async Task OneTrace_RunsFromTheUploadToTheRoute()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var id = new ModelVersion("story-trace", "1");
        await client.PutAsync(UploadPath.Policy(id), Encoding.UTF8.GetBytes(Policies.AtOnce));
        await client.PutAsync(UploadPath.Model(id), TinyModels.Scale(2), trace);
        await client.ReachesAsync(id, PromotionState.Live);

        await using ServiceBusReceiver follower = client.Cloud.ServiceBus.CreateReceiver(EntityNames.EventsTopic, "follow");
        foreach (string type in new[] { EventTypes.EngineBuilt, EventTypes.GatePassed, EventTypes.RouteChanged })
        {
            ServiceBusReceivedMessage seen = await Until.FoundAsync<ServiceBusReceivedMessage>(
                $"the event {type} is sent",
                async () => (await follower.PeekMessagesAsync(200, fromSequenceNumber: 0, TestContext.Current.CancellationToken))
                    .FirstOrDefault(m => Equals(m.ApplicationProperties["type"], type) && m.Body.ToString().Contains(id.Model)));
            Assert.Equal(trace[..35], seen.ApplicationProperties["traceparent"].ToString()![..35]);
        }
    }

    private static async Task<byte[]> DegradeAsync(byte[] model)
    {
        using var source = new MemoryStream(model);
        using var degraded = new MemoryStream();
        var rewrite = await Onnx.Rewriting.OnnxRewriter.RewriteAsync(
            source, degraded, Onnx.Rewriting.WeightTransform.QuantizeToBits(4), null, TestContext.Current.CancellationToken);
        Assert.True(rewrite.ChangedCount > 0);
        return degraded.ToArray();
    }

    private static byte[] Npz(params NpyArray[] arrays)
    {
        using var stream = new MemoryStream();
        NpzWriter.Write(stream, arrays);
        return stream.ToArray();
    }
}
