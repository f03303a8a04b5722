using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.ServiceBus.Tests;

/// <summary>One emulator on free ports in a folder of its own, with a client; a test class makes what it needs.</summary>
internal sealed class RunningEmulator : IAsyncDisposable
{
    private readonly ServiceBusEmulatorOptions _options;

    private RunningEmulator(ServiceBusEmulatorOptions options, ServiceBusEmulator emulator)
    {
        (_options, Emulator) = (options, emulator);
        Client = NewClient();
    }

    public ServiceBusEmulator Emulator { get; private set; }

    public ServiceBusClient Client { get; private set; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<RunningEmulator> WithQueueAsync(QueueConfig queue) => StartAsync(new()
    {
        DataDirectory = "",
        Queues = [queue],
    });

    /// <summary>The folder of the options is replaced by a fresh one.</summary>
    public static async Task<RunningEmulator> StartAsync(ServiceBusEmulatorOptions options)
    {
        options = options with { DataDirectory = Directory.CreateTempSubdirectory("servicebus-").FullName };
        return new(options, await ServiceBusEmulator.StartAsync(options, Cancel));
    }

    /// <summary>Stops the emulator and starts it again on the same folder.</summary>
    public async Task RestartAsync()
    {
        await Client.DisposeAsync();
        await Emulator.DisposeAsync();
        Emulator = await ServiceBusEmulator.StartAsync(_options, Cancel);
        Client = NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Emulator.DisposeAsync();
        Directory.Delete(_options.DataDirectory, recursive: true);
    }

    private ServiceBusClient NewClient() => new(Emulator.ConnectionString, new ServiceBusClientOptions
    {
        RetryOptions = new() { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(20) },
    });
}
