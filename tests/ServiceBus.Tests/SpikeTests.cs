using Azure.Messaging.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class SpikeTests
{
    [Fact]
    public async Task Message_SentAndCompleted_IsGone()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.Client.CreateSender("q").SendMessageAsync(new("hello"), Cancel);
        ServiceBusReceiver receiver = running.Client.CreateReceiver("q");

        ServiceBusReceivedMessage message = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal("hello", message.Body.ToString());
        await receiver.RenewMessageLockAsync(message, Cancel);
        await receiver.CompleteMessageAsync(message, Cancel);
        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Cancel));
    }
}
