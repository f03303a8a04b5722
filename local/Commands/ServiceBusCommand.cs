using System.CommandLine;
using Pipeline.Cloud;
using Pipeline.Core.Events;
using Pipeline.Core.Naming;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Commands;

/// <summary>The hidden command behind <c>up</c> that serves the pipeline's queues and its topic.</summary>
internal static class ServiceBusCommand
{
    private static readonly TimeSpan FollowTimeToLive = TimeSpan.FromHours(1);
    private const int BuildDeliveries = 5;

    private static readonly Option<DirectoryInfo> Folder = new("--folder") { Required = true };
    private static readonly Option<int> AmqpPort = new("--amqp-port") { Required = true };
    private static readonly Option<int> HttpPort = new("--http-port") { Required = true };
    private static readonly Option<TimeSpan> Lock = new("--lock") { Required = true };
    private static readonly Option<TimeSpan> Duplicates = new("--duplicates") { Required = true };
    private static readonly Option<string[]> Lanes = new("--lane");

    public static Command Create() => new Command("servicebus", "Serve the local Service Bus")
    {
        Folder, AmqpPort, HttpPort, Lock, Duplicates, Lanes,
    }.Hide().Runs(RunAsync);

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        await using ServiceBusEmulator emulator = await ServiceBusEmulator.StartAsync(
            OptionsOf(session), cancellationToken);
        session.Narrator.Say($"servicebus ready on {emulator.ConnectionString}");
        await Endless.WaitAsync(cancellationToken);
        return ExitCodes.Ok;
    }

    private static ServiceBusEmulatorOptions OptionsOf(CommandSession session)
    {
        TimeSpan lockDuration = session.Get(Lock);
        TimeSpan duplicateWindow = session.Get(Duplicates);
        return new ServiceBusEmulatorOptions
        {
            DataDirectory = session.Get(Folder)!.FullName,
            AmqpPort = session.Get(AmqpPort),
            HttpPort = session.Get(HttpPort),
            Queues =
            [
                Queue(EntityNames.BlobEventsQueue),
                .. (session.Get(Lanes) ?? []).Select(lane =>
                    Queue(EntityNames.BuildQueue(Lane.Parse(lane))) with { MaxDeliveryCount = BuildDeliveries }),
            ],
            Topics =
            [
                new TopicConfig
                {
                    Name = EntityNames.EventsTopic,
                    DuplicateDetectionWindow = duplicateWindow,
                    Subscriptions =
                    [
                        new SubscriptionConfig
                        {
                            Name = EntityNames.GatekeeperSubscription,
                            LockDuration = lockDuration,
                            Rules = CorrelationRule.AnyOf(
                                EntityNames.TypeProperty, EventTypes.EngineBuilt, EventTypes.EngineFailed),
                        },
                        // Nobody may listen to it for days, so what it holds must expire.
                        new SubscriptionConfig
                        {
                            Name = EventsCommand.Subscription,
                            LockDuration = lockDuration,
                            DefaultMessageTimeToLive = FollowTimeToLive,
                        },
                    ],
                },
            ],
        };

        QueueConfig Queue(string name) => new()
        {
            Name = name,
            LockDuration = lockDuration,
            DuplicateDetectionWindow = duplicateWindow,
        };
    }
}
