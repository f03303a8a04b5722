using System.Text;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Onnx.Npz;

namespace Pipeline.Stories.Tests;

/// <summary>Each bad input gets one clear error where its sender looks, and leaves the rest as it was.</summary>
public sealed class BadUploadStories(PipelineFixture pipeline)
{
    private readonly PipelineClient client = pipeline.Client;

    public static TheoryData<string, string> BadModels => new()
    {
        { "no-onnx", "ONNX" },
        { "empty", "0 bytes|empty" },
        { "truncated", "ends|truncated|cut" },
        { "external-outside", "outside|\\.\\." },
        { "external-missing", "weights.data" },
    };

    [Theory]
    [MemberData(nameof(BadModels))]
    public async Task BadModel_IsRejectedWithItsReason(string kind, string expected)
    {
        var id = new ModelVersion($"bad-{kind}", "1");
        byte[] good = TinyModels.Dense();
        byte[] model = kind switch
        {
            "no-onnx" => Encoding.UTF8.GetBytes("<html>this is a web page, not a model</html>"),
            "empty" => [],
            "truncated" => good[..(good.Length / 2)],
            "external-outside" => TinyModels.ExternalData("../../other/1/model.onnx"),
            _ => TinyModels.ExternalData("weights.data"),
        };
        await client.PushAsync(id, model, Policies.AtOnce);

        PromotionView view = await client.ReachesAsync(id, PromotionState.Rejected);
        Assert.Null(view.Promotion.AcceptanceNumber);
        Assert.Matches($"(?i){expected}", view.Promotion.StateReason);
    }

    [Theory]
    [InlineData("""{ "approvel": "none" }""", "approval")]
    [InlineData("""{ "quorum": "most" }""", "quorum")]
    [InlineData("""{ "rollout": { "steps": [ { "percent": 50, "bake": "1s", "samples": 1 }, { "percent": 10, "bake": "1s", "samples": 1 } ] } }""", "percent|weight")]
    [InlineData("""{ "lanes": [ "sm_75/trt-11.1.0.106" ] }""", "sm_75")]
    [InlineData("""{ "precision": "int8" }""", "int8")]
    [InlineData("not json", "JSON")]
    public async Task BadPolicy_IsRejectedByName(string policy, string expected)
    {
        var id = new ModelVersion("bad-policy", Convert.ToHexStringLower(Encoding.UTF8.GetBytes(expected))[..6] + policy.Length);
        await client.PushAsync(id, TinyModels.Scale(2), policy);

        PromotionView view = await client.ReachesAsync(id, PromotionState.Rejected);
        Assert.Matches($"(?i){expected}", view.Promotion.StateReason);
    }

    [Fact]
    public async Task RejectedUpload_Corrected_IsAcceptedUnderTheSameVersion()
    {
        var id = new ModelVersion("bad-then-good", "1");
        await client.PushAsync(id, Encoding.UTF8.GetBytes("no model at all, just some text"), Policies.AtOnce);
        await client.ReachesAsync(id, PromotionState.Rejected);

        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);

        await Until.TrueAsync(
            "the corrected upload goes live",
            async () => (await client.FindAsync(id))?.Promotion.State == PromotionState.Live);
    }

    [Fact]
    public async Task UnknownOperator_FailsTheLaneByName()
    {
        var id = new ModelVersion("bad-operator", "1");
        await client.PushAsync(id, TinyModels.UnknownOperator(), Policies.AtOnce);

        PromotionView view = await client.ReachesAsync(id, PromotionState.Failed);
        Assert.Contains("NoSuchOp", view.Lanes[0].Record.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GoldenFile_ThatDoesNotFit_FailsTheLaneByName()
    {
        var id = new ModelVersion("bad-golden", "1");
        using var npz = new MemoryStream();
        NpzWriter.Write(npz, [NpyArray.Of<float>("x", [1, 5], [1, 2, 3, 4, 5])]);
        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce, ("golden/wrong.npz", npz.ToArray()));

        PromotionView view = await client.ReachesAsync(id, PromotionState.Failed);
        Assert.Contains("wrong.npz", view.Lanes[0].Record.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LiveVersion_UploadedAgainWithOtherBytes_IsRefusedAndServesOn()
    {
        var id = new ModelVersion("bad-overwrite", "1");
        await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
        await client.ReachesAsync(id, PromotionState.Live);

        await client.PushAsync(id, TinyModels.Scale(9), Policies.AtOnce);

        PromotionView view = await Until.FoundAsync<PromotionView>(
            "a notice of the refused upload",
            async () => await client.FindAsync(id) is { Promotion.Notices.Length: > 0 } seen ? seen : null);
        Assert.Equal(PromotionState.Live, view.Promotion.State);
        Answer answer = await client.ServesAsync(id.Model, "1", [1, 1, 1, 1], [1, 4]);
        Assert.Equal([2, 2, 2, 2], answer.Values);
    }

    [Fact]
    public async Task VersionUnderBuild_UploadedAgainWithOtherBytes_Fails()
    {
        var id = new ModelVersion("bad-overwrite-building", "1");
        await pipeline.Environment.StopAsync("worker-1");
        try
        {
            await client.PushAsync(id, TinyModels.Scale(2), Policies.AtOnce);
            await client.ReachesAsync(id, PromotionState.Building);

            await client.PushAsync(id, TinyModels.Scale(9), Policies.AtOnce);

            PromotionView view = await client.ReachesAsync(id, PromotionState.Failed);
            Assert.Contains("overwritten", view.Promotion.StateReason, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            await pipeline.Environment.StartAgainAsync("worker-1", TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("this is not JSON")]
    [InlineData("""{ "schema": 99, "model": "x" }""")]
    public async Task UnreadableBuildRequest_IsDeadLetteredWithItsReason(string body)
    {
        string queue = EntityNames.BuildQueue(client.Lane);
        string messageId = $"unreadable-{body.Length}";
        await using ServiceBusSender sender = client.Cloud.ServiceBus.CreateSender(queue);
        await sender.SendMessageAsync(new ServiceBusMessage(body) { MessageId = messageId }, TestContext.Current.CancellationToken);

        await using ServiceBusReceiver dead = client.Cloud.ServiceBus.CreateReceiver(
            queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        ServiceBusReceivedMessage found = await Until.FoundAsync<ServiceBusReceivedMessage>(
            "the request in the dead-letter queue",
            async () => (await dead.PeekMessagesAsync(50, fromSequenceNumber: 0, TestContext.Current.CancellationToken))
                .FirstOrDefault(m => m.MessageId == messageId));
        Assert.Equal("BadRequest", found.DeadLetterReason);
        Assert.NotEmpty(found.DeadLetterErrorDescription);
    }
}
