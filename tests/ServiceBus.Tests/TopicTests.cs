using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class TopicTests
{
    private static readonly TopicConfig s_topic = new()
    {
        Name = "promotion-events",
        Subscriptions =
        [
            new()
            {
                Name = "gatekeeper",
                Rules = CorrelationRule.AnyOf("type", "pipeline.engine.built", "pipeline.engine.failed"),
            },
            new() { Name = "follow" },
        ],
    };

    [Fact]
    public async Task Subscription_WithRules_GetsWhatAnyRuleAccepts()
    {
        await using RunningEmulator running = await WithTopicAsync(s_topic);
        await running.SendAsync(
            "promotion-events",
            Event("pipeline.engine.built"), Event("pipeline.gate.passed"), Event("pipeline.engine.failed"),
            new("untyped"));
        Assert.Equal(["pipeline.engine.built", "pipeline.engine.failed"], await BodiesAsync(running, "gatekeeper", 2));
        Assert.Equal(
            ["pipeline.engine.built", "pipeline.gate.passed", "pipeline.engine.failed", "untyped"],
            await BodiesAsync(running, "follow", 4));
        Assert.Equal(
            new EntityCounts("promotion-events/Subscriptions/gatekeeper", 0, 0, 0, 0),
            await running.CountsAsync("promotion-events/Subscriptions/gatekeeper"));
    }

    [Fact]
    public async Task Subscriptions_SettleApart()
    {
        await using RunningEmulator running = await WithTopicAsync(s_topic);
        await running.SendAsync("promotion-events", Event("pipeline.engine.built"));
        await using ServiceBusReceiver gatekeeper = running.Client.CreateReceiver("promotion-events", "gatekeeper");
        await gatekeeper.DeadLetterMessageAsync(await ReceiveAsync(gatekeeper), "No", "reason", Cancel);
        await using ServiceBusReceiver follow = running.Client.CreateReceiver("promotion-events", "follow");
        await follow.CompleteMessageAsync(await ReceiveAsync(follow), Cancel);
        await using ServiceBusReceiver dead = running.Client.CreateReceiver("promotion-events", "gatekeeper",
            new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        ServiceBusReceivedMessage message = await ReceiveAsync(dead);
        Assert.Equal(
            ("No", "promotion-events/Subscriptions/gatekeeper"),
            (message.DeadLetterReason, message.DeadLetterSource));
    }

    [Fact]
    public async Task Topic_Itself_CannotBeReceivedFrom()
    {
        await using RunningEmulator running = await WithTopicAsync(s_topic);
        await Assert.ThrowsAsync<ServiceBusException>(
            () => ReceiveAsync(running.Client.CreateReceiver("promotion-events")));
    }

    private static ServiceBusMessage Event(string type) =>
        new(type) { ApplicationProperties = { ["type"] = type } };

    private static async Task<string[]> BodiesAsync(RunningEmulator running, string subscription, int count)
    {
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("promotion-events", subscription,
            new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        var bodies = new List<string>();
        while (bodies.Count < count) bodies.Add((await ReceiveAsync(receiver)).Body.ToString());
        return [.. bodies];
    }
}
