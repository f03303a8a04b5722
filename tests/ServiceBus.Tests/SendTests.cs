using Azure.Messaging.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class SendTests
{
    [Fact]
    public async Task Message_WithEveryProperty_ArrivesUnchanged()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        var sent = new ServiceBusMessage("hello")
        {
            MessageId = "m1",
            CorrelationId = "c1",
            Subject = "subject",
            ContentType = "application/json",
            ReplyTo = "elsewhere",
            TimeToLive = TimeSpan.FromHours(1),
            ApplicationProperties =
            {
                ["text"] = "x",
                ["number"] = 42L,
                ["time"] = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                ["span"] = TimeSpan.FromSeconds(3),
            },
        };
        DateTimeOffset before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        await running.SendAsync("q", sent);
        ServiceBusReceivedMessage got = await ReceiveAsync(running.Client.CreateReceiver("q"));

        Assert.Equal("hello", got.Body.ToString());
        Assert.Equal(
            ("m1", "c1", "subject", "application/json", "elsewhere", TimeSpan.FromHours(1)),
            (got.MessageId, got.CorrelationId, got.Subject, got.ContentType, got.ReplyTo, got.TimeToLive));
        Assert.Equal(
            sent.ApplicationProperties.OrderBy(p => p.Key, StringComparer.Ordinal),
            got.ApplicationProperties.OrderBy(p => p.Key, StringComparer.Ordinal));
        Assert.Equal((1, 1L), (got.DeliveryCount, got.SequenceNumber));
        Assert.InRange(got.EnqueuedTime, before, before.AddMinutes(1));
        Assert.InRange(got.LockedUntil, got.EnqueuedTime.AddSeconds(59), got.EnqueuedTime.AddSeconds(80));
        Assert.NotEqual(Guid.Empty, Guid.Parse(got.LockToken));
    }

    [Fact]
    public async Task Batch_OfMany_ArrivesInOrder()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusSender sender = running.Client.CreateSender("q");
        using ServiceBusMessageBatch batch = await sender.CreateMessageBatchAsync(Cancel);
        for (int i = 0; i < 100; i++) Assert.True(batch.TryAddMessage(new($"m{i}")));
        await sender.SendMessagesAsync(batch, Cancel);

        var got = new List<string>();
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver(
            "q", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        while (got.Count < 100)
            got.AddRange((await receiver.ReceiveMessagesAsync(30, Patience, Cancel)).Select(m => m.Body.ToString()));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"m{i}"), got);
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 0), await running.CountsAsync("q"));
    }

    [Fact]
    public async Task Message_LargerThanOneFrame_ArrivesWhole()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        byte[] body = new byte[200_000];
        new Random(1).NextBytes(body);
        await running.SendAsync("q", new ServiceBusMessage(body));
        ServiceBusReceivedMessage got = await ReceiveAsync(running.Client.CreateReceiver("q"));
        Assert.True(body.AsSpan().SequenceEqual(got.Body));
    }

    [Fact]
    public async Task Message_Over256KB_IsRefusedAndTheSenderGoesOn()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusSender sender = running.Client.CreateSender("q");
        ServiceBusException e = await Assert.ThrowsAsync<ServiceBusException>(
            () => sender.SendMessageAsync(new(new byte[256 * 1024 + 1]), Cancel));
        Assert.Equal(ServiceBusFailureReason.MessageSizeExceeded, e.Reason);
        await sender.SendMessageAsync(new("small"), Cancel);
        Assert.Equal(1, (await running.CountsAsync("q")).Active);
    }

    [Fact]
    public async Task Queue_Full_RefusesSendsUntilThereIsRoom()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q", MaxSizeBytes = 30_000 });
        await running.SendAsync("q", new ServiceBusMessage(new byte[20_000]));
        ServiceBusException e = await Assert.ThrowsAsync<ServiceBusException>(
            () => running.SendAsync("q", new ServiceBusMessage(new byte[20_000])));
        Assert.Equal(ServiceBusFailureReason.QuotaExceeded, e.Reason);

        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver), Cancel);
        await running.SendAsync("q", new ServiceBusMessage(new byte[20_000]));
    }

    [Fact]
    public async Task Entity_Unknown_IsReportedAsNotFound()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        ServiceBusException sending = await Assert.ThrowsAsync<ServiceBusException>(
            () => running.SendAsync("nowhere", new ServiceBusMessage("x")));
        ServiceBusException receiving = await Assert.ThrowsAsync<ServiceBusException>(
            () => ReceiveAsync(running.Client.CreateReceiver("nowhere")));
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, sending.Reason);
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, receiving.Reason);
        Assert.Contains("'nowhere'", sending.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_InOtherCase_NamesTheSameQueue()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "Build-Lane" });
        await running.SendAsync("build-lane", new ServiceBusMessage("x"));
        await ReceiveAsync(running.Client.CreateReceiver("BUILD-LANE"));
    }

    [Fact]
    public async Task DuplicateMessageId_WithinTheWindow_IsAcceptedAndDropped()
    {
        await using RunningEmulator running = await WithQueueAsync(
            new() { Name = "q", DuplicateDetectionWindow = TimeSpan.FromMinutes(10) });
        await running.SendAsync("q", new ServiceBusMessage("first") { MessageId = "same" });
        await using ServiceBusReceiver receiver = running.Client.CreateReceiver("q");
        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver), Cancel);

        await running.SendAsync("q", new("again") { MessageId = "same" }, new("other") { MessageId = "other" });
        Assert.Equal("other", (await ReceiveAsync(receiver)).Body.ToString());
        Assert.Equal(new EntityCounts("q", 0, 1, 0, 0), await running.CountsAsync("q"));
    }

    [Fact]
    public async Task Options_Contradictory_AreRefusedWithTheReason()
    {
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(
            new() { DataDirectory = "", Queues = [new() { Name = "q" }, new() { Name = "Q" }] }));
        Assert.Contains("declared twice", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<ArgumentException>(
            () => WithQueueAsync(new() { Name = "q", LockDuration = TimeSpan.FromMinutes(6) }));
        Assert.Contains("LockDuration of 'q'", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<ArgumentException>(() => WithQueueAsync(new() { Name = "a/b" }));
        Assert.Contains("'a/b'", e.Message, StringComparison.Ordinal);
    }
}
