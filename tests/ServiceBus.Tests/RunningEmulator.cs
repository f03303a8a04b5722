using System.Net.Http.Json;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.ServiceBus.Tests;

/// <summary>One emulator on free ports in a folder of its own, with an official client.</summary>
internal sealed class RunningEmulator : IAsyncDisposable
{
    /// <summary>How long a test waits for what has to happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private RunningEmulator(ServiceBusEmulatorOptions options, ServiceBusEmulator emulator)
    {
        (Options, Emulator) = (options, emulator);
        Client = NewClient();
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ServiceBusEmulator Emulator { get; private set; }

    public ServiceBusClient Client { get; private set; }

    /// <summary>What the next restart uses.</summary>
    public ServiceBusEmulatorOptions Options { get; set; }

    public string DataDirectory => Options.DataDirectory;

    public static Task<RunningEmulator> WithQueueAsync(QueueConfig queue) =>
        StartAsync(new() { DataDirectory = "", Queues = [queue] });

    public static Task<RunningEmulator> WithTopicAsync(TopicConfig topic) =>
        StartAsync(new() { DataDirectory = "", Topics = [topic] });

    /// <summary>The folder of the options is replaced by this or a fresh one.</summary>
    public static async Task<RunningEmulator> StartAsync(ServiceBusEmulatorOptions options, string? directory = null)
    {
        options = options with
        {
            DataDirectory = directory ?? Directory.CreateTempSubdirectory("servicebus-").FullName,
        };
        try
        {
            return new(options, await ServiceBusEmulator.StartAsync(options, Cancel));
        }
        catch
        {
            Directory.Delete(options.DataDirectory, recursive: true);
            throw;
        }
    }

    public Task SendAsync(string entity, params ServiceBusMessage[] messages) => SendAsync(Client, entity, messages);

    public static async Task SendAsync(ServiceBusClient client, string entity, params ServiceBusMessage[] messages)
    {
        await using ServiceBusSender sender = client.CreateSender(entity);
        await sender.SendMessagesAsync(messages, Cancel);
    }

    public static async Task<ServiceBusReceivedMessage> ReceiveAsync(ServiceBusReceiver receiver) =>
        await receiver.ReceiveMessageAsync(Patience, Cancel) ?? throw new TimeoutException("No message came.");

    public static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(Patience);
        while (!await condition()) await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
    }

    public async Task<EntityCounts> CountsAsync(string path)
    {
        using var http = new HttpClient();
        EntityCounts[]? all = await http.GetFromJsonAsync<EntityCounts[]>(
            $"http://127.0.0.1:{Emulator.HttpPort}/entities", Cancel);
        return all!.Single(e => e.Path == path);
    }

    /// <summary>Stops the emulator and starts it again on the same folder, other ports.</summary>
    public async Task RestartAsync(Action<string>? meanwhile = null)
    {
        await Client.DisposeAsync();
        await Emulator.DisposeAsync();
        meanwhile?.Invoke(Path.Combine(DataDirectory, "servicebus.journal"));
        Emulator = await ServiceBusEmulator.StartAsync(Options, Cancel);
        Client = NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Emulator.DisposeAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    public ServiceBusClient NewClient() => new(Emulator.ConnectionString, new ServiceBusClientOptions
    {
        RetryOptions = new() { MaxRetries = 0, TryTimeout = Patience },
    });
}

internal sealed record EntityCounts(string Path, int Active, int Locked, int Scheduled, int DeadLetter);
