using Azure.Messaging.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class ReceiveTests
{
    private static readonly TimeSpan s_shortLock = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Message_Completed_IsGone()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage message = await ReceiveAsync(receiver);
        Assert.Equal(new EntityCounts("q", 0, 1, 0, 0), await running.CountsAsync("q"));
        await receiver.CompleteMessageAsync(message, Cancel);
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 0), await running.CountsAsync("q"));
    }

    [Fact]
    public async Task Receive_WithoutAMessage_ReturnsNullAndLaterOnesStillArrive()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        for (int i = 0; i < 3; i++)
            Assert.Null(await receiver.ReceiveMessageAsync(TimeSpan.FromMilliseconds(100), Cancel));
        await running.SendAsync("q", new ServiceBusMessage("late"));
        Assert.Equal("late", (await ReceiveAsync(receiver)).Body.ToString());
    }

    [Fact]
    public async Task Receive_WaitingAlready_GetsAMessageSentLater()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        Task<ServiceBusReceivedMessage> waiting = ReceiveAsync(receiver);
        await running.SendAsync("q", new ServiceBusMessage("x"));
        Assert.Equal("x", (await waiting).Body.ToString());
    }

    [Fact]
    public async Task Message_Abandoned_ComesBackWithItsChangesAndACount()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("x") { ApplicationProperties = { ["kept"] = "yes" } });
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        await receiver.AbandonMessageAsync(
            await ReceiveAsync(receiver), new Dictionary<string, object> { ["attempt"] = 2 }, Cancel);
        ServiceBusReceivedMessage again = await ReceiveAsync(receiver);
        Assert.Equal(2, again.DeliveryCount);
        Assert.Equal(("yes", 2), (again.ApplicationProperties["kept"], again.ApplicationProperties["attempt"]));
        Assert.Equal("x", again.Body.ToString());
    }

    [Fact]
    public async Task Message_DeadLettered_IsInTheDeadLetterQueueWithItsReason()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("poison"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        var changes = new Dictionary<string, object> { ["by"] = "test" };
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), changes, "BadInput", "Not JSON.", Cancel);
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 1), await running.CountsAsync("q"));

        await using ServiceBusReceiver dead = running.Client.CreateReceiver(
            "q", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Assert.Equal("BadInput", (await dead.PeekMessageAsync(cancellationToken: Cancel)).DeadLetterReason);
        ServiceBusReceivedMessage message = await ReceiveAsync(dead);
        Assert.Equal(
            ("poison", "BadInput", "Not JSON.", "q", "test"),
            (message.Body.ToString(), message.DeadLetterReason, message.DeadLetterErrorDescription,
                message.DeadLetterSource, message.ApplicationProperties["by"]));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => dead.DeadLetterMessageAsync(message, "x", "y", Cancel));
        await dead.CompleteMessageAsync(message, Cancel);
        Assert.Equal(0, (await running.CountsAsync("q")).DeadLetter);
    }

    [Fact]
    public async Task Lock_Expired_RedeliversAndRefusesTheFirstHolder()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q", LockDuration = s_shortLock });
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage first = await ReceiveAsync(receiver);
        ServiceBusReceivedMessage second = await ReceiveAsync(receiver);
        Assert.Equal((first.SequenceNumber, 2), (second.SequenceNumber, second.DeliveryCount));

        foreach (Func<Task> late in (Func<Task>[])
            [
                () => receiver.CompleteMessageAsync(first, Cancel),
                () => receiver.AbandonMessageAsync(first, null, Cancel),
                () => receiver.DeadLetterMessageAsync(first, "r", "d", Cancel),
                () => receiver.RenewMessageLockAsync(first, Cancel),
            ])
        {
            ServiceBusException e = await Assert.ThrowsAsync<ServiceBusException>(late);
            Assert.Equal(ServiceBusFailureReason.MessageLockLost, e.Reason);
        }

        await receiver.CompleteMessageAsync(second, Cancel);
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 0), await running.CountsAsync("q"));
    }

    [Fact]
    public async Task Lock_Renewed_LastsFromThen()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage message = await ReceiveAsync(receiver);
        DateTimeOffset first = message.LockedUntil;
        await WaitUntilAsync(async () =>
        {
            // Times on the wire have milliseconds, and the first renewal can come within one.
            await receiver.RenewMessageLockAsync(message, Cancel);
            return message.LockedUntil > first;
        });
        await receiver.CompleteMessageAsync(message, Cancel);
    }

    [Fact]
    public async Task Deliveries_UpToTheLimit_EndInTheDeadLetterQueue()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q", MaxDeliveryCount = 3 });
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        for (int delivery = 1; delivery <= 3; delivery++)
        {
            ServiceBusReceivedMessage message = await ReceiveAsync(receiver);
            Assert.Equal(delivery, message.DeliveryCount);
            await receiver.AbandonMessageAsync(message, null, Cancel);
        }

        await using ServiceBusReceiver dead = running.Client.CreateReceiver(
            "q", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Assert.Equal("MaxDeliveryCountExceeded", (await ReceiveAsync(dead)).DeadLetterReason);
        Assert.Equal(0, (await running.CountsAsync("q")).Active);
    }

    [Fact]
    public async Task Receivers_Competing_ShareTheMessages()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusClient otherClient = running.NewClient();
        await using ServiceBusReceiver one = running.Client.CreateReceiver("q");
        await using ServiceBusReceiver two = otherClient.CreateReceiver("q");
        await running.SendAsync("q", [.. Enumerable.Range(0, 40).Select(i => new ServiceBusMessage($"{i}"))]);

        string[][] got = await Task.WhenAll(TakeAsync(one), TakeAsync(two));
        Assert.Equal(40, got.SelectMany(g => g).Distinct().Count());
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 0), await running.CountsAsync("q"));

        static async Task<string[]> TakeAsync(ServiceBusReceiver receiver)
        {
            var bodies = new List<string>();
            while (bodies.Count < 20)
            {
                ServiceBusReceivedMessage message = await ReceiveAsync(receiver);
                bodies.Add(message.Body.ToString());
                await receiver.CompleteMessageAsync(message, Cancel);
            }

            return [.. bodies];
        }
    }

    [Fact]
    public async Task Receiver_Closed_KeepsItsLockUntilItExpires()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q", LockDuration = s_shortLock });
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using (ServiceBusReceiver closed = running.Client.CreateReceiver("q")) await ReceiveAsync(closed);
        Assert.Equal(new EntityCounts("q", 0, 1, 0, 0), await running.CountsAsync("q"));
        await using ServiceBusReceiver next = running.Client.CreateReceiver("q");
        Assert.Equal(2, (await ReceiveAsync(next)).DeliveryCount);
    }

    [Fact]
    public async Task Message_SettledOnANewLink_IsSettledAllTheSame()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new("done"), new("bad"));
        await using ServiceBusReceiver first = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage done = await ReceiveAsync(first);
        ServiceBusReceivedMessage bad = await ReceiveAsync(first);
        await using ServiceBusReceiver second = running.Client.CreateReceiver("q");
        await second.CompleteMessageAsync(done, Cancel);
        await second.DeadLetterMessageAsync(bad, "Bad", "because", Cancel);
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 1), await running.CountsAsync("q"));
    }

    [Fact]
    public async Task Message_Prefetched_IsLockedBeforeItIsAskedFor()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", [.. Enumerable.Range(0, 5).Select(i => new ServiceBusMessage($"{i}"))]);
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver(
            "q", new ServiceBusReceiverOptions { PrefetchCount = 10 });
        await ReceiveAsync(receiver);
        await WaitUntilAsync(async () => (await running.CountsAsync("q")).Locked == 5);
    }

    [Fact]
    public async Task Message_Deferred_IsRefusedWithASentence()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await running.SendAsync("q", new ServiceBusMessage("x"));
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        ServiceBusReceivedMessage message = await ReceiveAsync(receiver);
        NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(
            () => receiver.DeferMessageAsync(message, null, Cancel));
        Assert.Contains("does not implement 'deferring a message'", e.Message, StringComparison.Ordinal);
        await receiver.CompleteMessageAsync(message, Cancel);
    }
}
