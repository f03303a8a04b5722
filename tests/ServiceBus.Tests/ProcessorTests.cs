using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using static Pipeline.ServiceBus.Tests.RunningEmulator;

namespace Pipeline.ServiceBus.Tests;

public sealed class ProcessorTests
{
    [Fact]
    public async Task Processor_LongerThanTheLock_RenewsItAndCompletesOnce()
    {
        await using RunningEmulator running = await WithQueueAsync(
            new() { Name = "q", LockDuration = TimeSpan.FromSeconds(2), MaxDeliveryCount = 1 });
        await using ServiceBusProcessor processor = running.Client.CreateProcessor("q", new ServiceBusProcessorOptions
        {
            AutoCompleteMessages = false,
            MaxConcurrentCalls = 1,
            MaxAutoLockRenewalDuration = TimeSpan.FromMinutes(5),
        });
        var errors = new ConcurrentQueue<Exception>();
        var done = new TaskCompletionSource();
        int deliveries = 0;
        processor.ProcessErrorAsync += e =>
        {
            errors.Enqueue(e.Exception);
            return Task.CompletedTask;
        };
        processor.ProcessMessageAsync += async args =>
        {
            Interlocked.Increment(ref deliveries);
            DateTimeOffset firstLock = args.Message.LockedUntil;
            await WaitUntilAsync(() => Task.FromResult(args.Message.LockedUntil > firstLock.AddSeconds(2)));
            await args.CompleteMessageAsync(args.Message, Cancel);
            done.TrySetResult();
        };
        await processor.StartProcessingAsync(Cancel);
        await running.SendAsync("q", new ServiceBusMessage("long"));
        await done.Task.WaitAsync(Patience, Cancel);
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal(1, deliveries);
        Assert.Empty(errors);
        Assert.Equal(new EntityCounts("q", 0, 0, 0, 0), await running.CountsAsync("q"));
    }

    [Fact]
    public async Task Processor_HandlerThrows_AbandonsUntilDeadLettered()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q", MaxDeliveryCount = 2 });
        await using ServiceBusProcessor processor = running.Client.CreateProcessor("q");
        int deliveries = 0;
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        processor.ProcessMessageAsync += _ =>
        {
            Interlocked.Increment(ref deliveries);
            throw new InvalidDataException("always");
        };
        await processor.StartProcessingAsync(Cancel);
        await running.SendAsync("q", new ServiceBusMessage("poison"));
        await WaitUntilAsync(async () => (await running.CountsAsync("q")).DeadLetter == 1);
        await processor.StopProcessingAsync(Cancel);
        Assert.Equal(2, deliveries);
    }

    [Fact]
    public async Task Processor_Concurrent_HandlesEveryMessageOnce()
    {
        await using RunningEmulator running = await WithQueueAsync(new() { Name = "q" });
        await using ServiceBusProcessor processor = running.Client.CreateProcessor(
            "q", new ServiceBusProcessorOptions { MaxConcurrentCalls = 8, PrefetchCount = 20 });
        var seen = new ConcurrentBag<string>();
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        processor.ProcessMessageAsync += args =>
        {
            seen.Add(args.Message.Body.ToString());
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync(Cancel);
        await running.SendAsync("q", [.. Enumerable.Range(0, 200).Select(i => new ServiceBusMessage($"{i}"))]);
        await WaitUntilAsync(async () =>
            await running.CountsAsync("q") == new EntityCounts("q", 0, 0, 0, 0) && seen.Count >= 200);
        await processor.StopProcessingAsync(Cancel);
        Assert.Equal(
            Enumerable.Range(0, 200).Select(i => $"{i}").Order(StringComparer.Ordinal),
            seen.Order(StringComparer.Ordinal));
    }
}
