using Azure.Messaging.ServiceBus;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Messages;
using Pipeline.Core.Builds;
using Pipeline.Local.ServiceBus;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Queue;

/// <summary>An emulator of its own with the lane's queue and the events' topic, beside the shared storage.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly TemporaryFolder folder;
    private readonly ServiceBusEmulator emulator;

    private Broker(TemporaryFolder folder, ServiceBusEmulator emulator, CloudFixture cloud)
    {
        (this.folder, this.emulator) = (folder, emulator);
        Options = cloud.Options;
        Options.ServiceBus = emulator.ConnectionString;
        Clients = new CloudClients(Options);
    }

    public static string Queue { get; } = EntityNames.BuildQueue(Workbench.Lane);

    public CloudOptions Options { get; }

    public CloudClients Clients { get; }

    public static async Task<Broker> StartAsync(CloudFixture cloud, TimeProvider? time = null)
    {
        var folder = new TemporaryFolder();
        ServiceBusEmulator emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                DataDirectory = folder.Root,
                Queues = [new QueueConfig { Name = Queue, MaxDeliveryCount = 2, LockDuration = TimeSpan.FromMinutes(5) }],
                Topics =
                [
                    new TopicConfig
                    {
                        Name = EntityNames.EventsTopic,
                        Subscriptions = [new SubscriptionConfig { Name = EntityNames.GatekeeperSubscription }],
                    },
                ],
                TimeProvider = time ?? TimeProvider.System,
            },
            Workbench.Cancel);
        return new Broker(folder, emulator, cloud);
    }

    public Task SendAsync(BuildRequest request) =>
        new BuildQueue(Clients).SendAsync(request, traceParent: null, Workbench.Cancel);

    public async Task<EngineOutcome> OutcomeAsync()
    {
        await using ServiceBusReceiver receiver = Clients.ServiceBus.CreateReceiver(
            EntityNames.EventsTopic, EntityNames.GatekeeperSubscription);
        return EngineOutcomeReader.Read(await ReceiveAsync(receiver));
    }

    public ServiceBusReceiver Receiver(SubQueue subQueue = SubQueue.None) =>
        Clients.ServiceBus.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = subQueue });

    public static async Task<ServiceBusReceivedMessage> ReceiveAsync(ServiceBusReceiver receiver) =>
        await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30), Workbench.Cancel)
        ?? throw new TimeoutException("No message came.");

    public async ValueTask DisposeAsync()
    {
        await Clients.DisposeAsync();
        await emulator.DisposeAsync();
        folder.Dispose();
    }
}
