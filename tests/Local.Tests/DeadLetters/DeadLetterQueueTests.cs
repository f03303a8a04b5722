using System.Collections.Immutable;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.DeadLetters;
using Pipeline.Local.ServiceBus;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.DeadLetters;

public sealed class DeadLetterQueueTests : IAsyncLifetime
{
    private const string Queue = "work";
    private const string Subscription = "news/readers";

    private readonly TemporaryFolder folder = new();
    private ServiceBusEmulator emulator = null!;
    private ServiceBusClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                DataDirectory = folder.Root,
                Queues = [new QueueConfig { Name = Queue, DuplicateDetectionWindow = TimeSpan.FromMinutes(10) }],
                Topics =
                [
                    new TopicConfig
                    {
                        Name = "news",
                        DuplicateDetectionWindow = TimeSpan.FromMinutes(10),
                        Subscriptions = [new SubscriptionConfig { Name = "readers" }],
                    },
                ],
            },
            Cancel);
        client = new ServiceBusClient(emulator.ConnectionString);
    }

    [Fact]
    public async Task List_DeadLetters_TellsWhyAndChangesNothing()
    {
        await DeadLetterAsync(Queue, "one", "two\u001b[2J");
        var letters = new DeadLetterQueue(client, Queue);

        ImmutableArray<DeadLetter> first = await letters.ListAsync(Cancel);
        ImmutableArray<DeadLetter> second = await letters.ListAsync(Cancel);

        Assert.Equal(["one", "two [2J"], first.Select(l => l.Body));
        Assert.All(first, l => Assert.Equal((Queue, "Unreadable", "It is no JSON."), (l.Queue, l.Reason, l.Description)));
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData(Queue)]
    [InlineData(Subscription)]
    public async Task Replay_All_SendsThemOnceMoreInsideTheDuplicateWindow(string queue)
    {
        await DeadLetterAsync(queue, "one", "two");
        var letters = new DeadLetterQueue(client, queue);

        Assert.Equal(2, (await letters.ReplayAsync(null, Cancel)).Length);

        Assert.Empty(await letters.ListAsync(Cancel));
        await using ServiceBusReceiver receiver = Open(queue);
        IReadOnlyList<ServiceBusReceivedMessage> messages = await TakeAsync(receiver, 2);
        Assert.Equal(["one", "two"], messages.Select(m => m.Body.ToString()));
        Assert.All(messages, m =>
        {
            Assert.Equal("kept", m.ApplicationProperties["note"]);
            Assert.Null(m.DeadLetterReason);
            Assert.StartsWith("replay-", m.MessageId, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Replay_ChosenOnes_LeavesTheOthers()
    {
        await DeadLetterAsync(Queue, "one", "two", "three");
        var letters = new DeadLetterQueue(client, Queue);
        long second = (await letters.ListAsync(Cancel))[1].Sequence;

        ImmutableArray<DeadLetter> sent = await letters.ReplayAsync(new HashSet<long> { second, 9999 }, Cancel);

        Assert.Equal(["two"], sent.Select(l => l.Body));
        Assert.Equal(["one", "three"], (await letters.ListAsync(Cancel)).Select(l => l.Body));
    }

    [Fact]
    public async Task Discard_ChosenOnes_TakesThemAwayForGood()
    {
        await DeadLetterAsync(Queue, "one", "two");
        var letters = new DeadLetterQueue(client, Queue);
        long first = (await letters.ListAsync(Cancel))[0].Sequence;

        Assert.Equal(["one"], (await letters.DiscardAsync(new HashSet<long> { first }, Cancel)).Select(l => l.Body));

        Assert.Equal(["two"], (await letters.ListAsync(Cancel)).Select(l => l.Body));
        await letters.ReplayAsync(null, Cancel);
        await using ServiceBusReceiver receiver = Open(Queue);
        Assert.Equal("two", (await TakeAsync(receiver, 1))[0].Body.ToString());
    }

    [Fact]
    public async Task Replay_SendingFails_LeavesTheRestToTheNextOneAtOnce()
    {
        await DeadLetterAsync(Queue, "one", "two", "three");
        await using var failing = new FailingClient(emulator.ConnectionString, sends: 1);

        ServiceBusException fault = await Assert.ThrowsAsync<ServiceBusException>(
            () => new DeadLetterQueue(failing, Queue).ReplayAsync(null, Cancel));

        Assert.Equal(ServiceBusFailureReason.QuotaExceeded, fault.Reason);
        var letters = new DeadLetterQueue(client, Queue);
        Assert.Equal(["two", "three"], (await letters.ListAsync(Cancel)).Select(l => l.Body));
        Assert.Equal(["two", "three"], (await letters.ReplayAsync(null, Cancel)).Select(l => l.Body));
    }

    [Fact]
    public async Task Replay_Nothing_SendsNothing() =>
        Assert.Empty(await new DeadLetterQueue(client, Queue).ReplayAsync(null, Cancel));

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await emulator.DisposeAsync();
        folder.Dispose();
    }

    private async Task DeadLetterAsync(string queue, params string[] bodies)
    {
        await using ServiceBusSender sender = client.CreateSender(queue.Split('/')[0]);
        await using ServiceBusReceiver receiver = Open(queue);
        foreach (string body in bodies)
        {
            await sender.SendMessageAsync(
                new ServiceBusMessage(body) { MessageId = $"id-{body.Length}-{body[0]}", ApplicationProperties = { ["note"] = "kept" } },
                Cancel);
            ServiceBusReceivedMessage message = (await TakeAsync(receiver, 1))[0];
            await receiver.DeadLetterMessageAsync(message, "Unreadable", "It is no JSON.", Cancel);
        }
    }

    private ServiceBusReceiver Open(string queue) => queue.Split('/') is [var topic, var subscription]
        ? client.CreateReceiver(topic, subscription)
        : client.CreateReceiver(queue);

    private static async Task<IReadOnlyList<ServiceBusReceivedMessage>> TakeAsync(ServiceBusReceiver receiver, int count)
    {
        var taken = new List<ServiceBusReceivedMessage>();
        while (taken.Count < count)
        {
            ServiceBusReceivedMessage message = await receiver.ReceiveMessageAsync(Eventually.Deadline, Cancel)
                ?? throw new TimeoutException("No message came.");
            taken.Add(message);
        }

        return taken;
    }

    /// <summary>A queue that is full after some messages.</summary>
    private sealed class FailingClient(string connectionString, int sends) : ServiceBusClient(connectionString)
    {
        public override ServiceBusSender CreateSender(string queueOrTopicName) => new FailingSender(sends);
    }

    private sealed class FailingSender(int sends) : ServiceBusSender
    {
        private int sent;

        public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) =>
            ++sent > sends ? throw new ServiceBusException("Full.", ServiceBusFailureReason.QuotaExceeded) : Task.CompletedTask;

        public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
