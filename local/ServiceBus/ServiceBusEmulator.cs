using Pipeline.Local.ServiceBus.Wire;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// A local Service Bus for the official clients: queues, topics, subscriptions, on 127.0.0.1, durable in a folder.
/// What it does and does not do: docs/decisions/0002-service-bus-emulator.md.
/// </summary>
public sealed class ServiceBusEmulator : IAsyncDisposable
{
    private readonly Broker _broker;
    private readonly AmqpServer _amqp;
    private readonly AdminEndpoint _admin;

    private ServiceBusEmulator(Broker broker, AmqpServer amqp, AdminEndpoint admin) =>
        (_broker, _amqp, _admin) = (broker, amqp, admin);

    public int AmqpPort => _amqp.Port;

    public int HttpPort => _admin.Port;

    /// <summary>What ServiceBusClient takes. The key is not looked at.</summary>
    public string ConnectionString => $"Endpoint=sb://127.0.0.1:{AmqpPort};" +
        "SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=local;UseDevelopmentEmulator=true;";

    /// <summary>Reads what an earlier run left and serves it.</summary>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="IOException">A port is taken, or another emulator uses the data directory.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public static async Task<ServiceBusEmulator> StartAsync(
        ServiceBusEmulatorOptions options, CancellationToken cancellationToken)
    {
        OptionsCheck.Check(options);
        var broker = new Broker(options);
        AmqpServer? amqp = null;
        try
        {
            amqp = new AmqpServer(broker, options.AmqpPort);
            AdminEndpoint admin = await AdminEndpoint.StartAsync(broker, options.HttpPort, cancellationToken);
            return new ServiceBusEmulator(broker, amqp, admin);
        }
        catch
        {
            amqp?.Dispose();
            broker.Dispose();
            throw;
        }
    }

    /// <summary>Drops all connections; messages stay in the data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        _amqp.Dispose();
        _broker.Dispose();
    }
}
