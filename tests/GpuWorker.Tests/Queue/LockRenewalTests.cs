using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.GpuWorker.Queue;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Queue;

public sealed class LockRenewalTests(CloudFixture cloud)
{
    [Fact]
    public async Task Renewal_JobOfManyLockLengths_KeepsTheLock()
    {
        // The emulator's clock and the renewal's are the same, and only the test moves them.
        var time = new TestTimeProvider();
        await using Broker broker = await Broker.StartAsync(cloud, time);
        ServiceBusReceivedMessage message = await SendAndReceiveAsync(broker, out ServiceBusReceiver receiver);
        DateTimeOffset end = time.GetUtcNow() + TimeSpan.FromMinutes(20);
        await using (var renewal = new LockRenewal(receiver, message, time, NullLogger.Instance, Workbench.Cancel))
        {
            while (time.GetUtcNow() < end)
            {
                DateTimeOffset before = message.LockedUntil;
                time.Advance(TimeSpan.FromMinutes(2));
                await Eventually.Async(
                    _ => Task.FromResult(message.LockedUntil > before), "the lock is renewed", Workbench.Cancel);
            }

            Assert.False(renewal.IsLost);
            Assert.False(renewal.JobToken.IsCancellationRequested);
        }

        // Only who has the lock may complete.
        await receiver.CompleteMessageAsync(message, Workbench.Cancel);
    }

    [Fact]
    public async Task Renewal_LockIsLost_StopsTheJob()
    {
        var time = new TestTimeProvider();
        await using Broker broker = await Broker.StartAsync(cloud, time);
        ServiceBusReceivedMessage message = await SendAndReceiveAsync(broker, out ServiceBusReceiver receiver);
        await using var renewal = new LockRenewal(receiver, message, time, NullLogger.Instance, Workbench.Cancel);
        await receiver.AbandonMessageAsync(message, null, Workbench.Cancel);

        time.Advance(TimeSpan.FromMinutes(2));

        await Eventually.Async(
            _ => Task.FromResult(renewal.JobToken.IsCancellationRequested), "the job is stopped", Workbench.Cancel);
        Assert.True(renewal.IsLost);
    }

    [Fact]
    public async Task Renewal_WorkerStops_StopsTheJobWithoutLosingTheLock()
    {
        await using Broker broker = await Broker.StartAsync(cloud);
        ServiceBusReceivedMessage message = await SendAndReceiveAsync(broker, out ServiceBusReceiver receiver);
        using var stop = new CancellationTokenSource();
        await using var renewal = new LockRenewal(receiver, message, TimeProvider.System, NullLogger.Instance, stop.Token);

        await stop.CancelAsync();

        Assert.True(renewal.JobToken.IsCancellationRequested);
        Assert.False(renewal.IsLost);
    }

    private static Task<ServiceBusReceivedMessage> SendAndReceiveAsync(Broker broker, out ServiceBusReceiver receiver)
    {
        ServiceBusReceiver opened = receiver = broker.Receiver();
        return Async();

        async Task<ServiceBusReceivedMessage> Async()
        {
            await broker.Clients.Sender(Broker.Queue).SendMessageAsync(new ServiceBusMessage("x"), Workbench.Cancel);
            return await Broker.ReceiveAsync(opened);
        }
    }
}
