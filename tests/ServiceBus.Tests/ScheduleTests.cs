using Azure.Messaging.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public async Task Message_Scheduled_ArrivesNotBeforeItsTime()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        // Far enough away for a slow machine to look at it first.
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddSeconds(3);
        await running.SendAsync("q", new ServiceBusMessage("later") { ScheduledEnqueueTime = due });
        Assert.Equal(new EntityCounts("q", 0, 0, 1, 0), await running.CountsAsync("q"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage waiting = await receiver.PeekMessageAsync(cancellationToken: Cancel);
        Assert.Equal(ServiceBusMessageState.Scheduled, waiting.State);
        await ReceiveAsync(receiver);
        // AMQP carries whole milliseconds.
        Assert.True(TimeProvider.System.GetUtcNow() >= due.AddMilliseconds(-1));
    }

    [Fact]
    public async Task ScheduleOperation_ThenCancel_RemovesTheMessage()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusSender sender = running.Client.CreateSender("q");
        DateTimeOffset due = TimeProvider.System.GetUtcNow().AddHours(1);
        long kept = await sender.ScheduleMessageAsync(new("kept"), due, Cancel);
        long cancelled = await sender.ScheduleMessageAsync(new("cancelled"), due, Cancel);
        await sender.CancelScheduledMessageAsync(cancelled, Cancel);
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        IReadOnlyList<ServiceBusReceivedMessage> left = await receiver.PeekMessagesAsync(10, cancellationToken: Cancel);
        Assert.Equal([kept], left.Select(m => m.SequenceNumber));
        ServiceBusException e = await Assert.ThrowsAsync<ServiceBusException>(
            () => sender.CancelScheduledMessageAsync(cancelled, Cancel));
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, e.Reason);
    }

    [Fact]
    public async Task Message_Expired_IsDeadLetteredWhereDeclared()
    {
        await using RunningEmulator running = await WithQueueAsync(new()
        {
            Name = "q",
            DefaultMessageTimeToLive = TimeSpan.FromMilliseconds(100),
            DeadLetteringOnMessageExpiration = true,
        });
        await running.SendAsync("q", new ServiceBusMessage("old"));
        await using ServiceBusReceiver dead = running.Client.CreateReceiver(
            "q", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Assert.Equal("TTLExpiredException", (await ReceiveAsync(dead)).DeadLetterReason);
    }

    [Fact]
    public async Task Peek_FromASequenceNumber_ReadsOnWithoutLocking()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", [.. Enumerable.Range(0, 5).Select(i => new ServiceBusMessage($"{i}"))]);
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        Assert.Equal(["0", "1"], await PeekAsync(2));
        Assert.Equal(["2", "3"], await PeekAsync(2));
        Assert.Equal(["4"], await PeekAsync(9));
        Assert.Equal(5, (await running.CountsAsync("q")).Active);

        async Task<IEnumerable<string>> PeekAsync(int count) =>
            (await receiver.PeekMessagesAsync(count, cancellationToken: Cancel)).Select(m => m.Body.ToString());
    }
}
