using Azure.Messaging.ServiceBus;
using Pipeline.Local.Management;
using Pipeline.Local.ServiceBus;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Management;

public sealed class EventPeekTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Follow_TwoPeopleAtOnce_EachSeesOldAndNewEvents()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        var topic = new TopicConfig { Name = "news", Subscriptions = [new SubscriptionConfig { Name = "follow" }] };
        await using ServiceBusEmulator emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { DataDirectory = folder.Root, Topics = [topic] }, cancel);
        await using var client = new ServiceBusClient(emulator.ConnectionString);
        await using ServiceBusSender sender = client.CreateSender("news");
        await using ServiceBusReceiver receiver = client.CreateReceiver("news", "follow");
        await sender.SendMessageAsync(new ServiceBusMessage("old"), cancel);
        await using IAsyncEnumerator<string> first = Follow(), second = Follow();

        Assert.Equal(("old", "old"), (await NextAsync(first), await NextAsync(second)));
        await sender.SendMessageAsync(new ServiceBusMessage("new"), cancel);
        Assert.Equal(("new", "new"), (await NextAsync(first), await NextAsync(second)));

        IAsyncEnumerator<string> Follow() => EventPeek.FollowAsync(receiver, TimeProvider.System, cancel)
            .Select(m => m.Body.ToString()).GetAsyncEnumerator(cancel);

        static async Task<string> NextAsync(IAsyncEnumerator<string> events) =>
            await events.MoveNextAsync() ? events.Current : throw new InvalidOperationException("It ended.");
    }

    public void Dispose() => folder.Dispose();
}
