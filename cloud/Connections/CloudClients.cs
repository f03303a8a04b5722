using System.Collections.Concurrent;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Azure.Storage.Blobs;

namespace Pipeline.Cloud.Connections;

/// <summary>The official clients, each made once and on first use.</summary>
public sealed class CloudClients : IAsyncDisposable
{
    private readonly Lazy<BlobServiceClient> blobs;
    private readonly Lazy<BlobServiceClient> polledBlobs;
    private readonly Lazy<TableServiceClient> tables;
    private readonly Lazy<ServiceBusClient> serviceBus;
    private readonly Lazy<TokenCredential> credential;
    private readonly ConcurrentDictionary<string, ServiceBusSender> senders = new(StringComparer.Ordinal);

    /// <param name="options">Where they are.</param>
    /// <param name="signedIn">Whose identity opens them in Azure; null for the program's own.</param>
    public CloudClients(CloudOptions options, TokenCredential? signedIn = null)
    {
        credential = new(() => signedIn ?? new DefaultAzureCredential(
            new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ManagedIdentityClientId }));
        blobs = new(() => OpenBlobs(options, new BlobClientOptions()));
        polledBlobs = new(() => OpenBlobs(options, new BlobClientOptions { Retry = { MaxRetries = 0 } }));
        tables = new(() => string.IsNullOrEmpty(options.Storage)
            ? new TableServiceClient(options.TableServiceUri, Credential)
            : new TableServiceClient(options.Storage));
        serviceBus = new(() => OpenServiceBus(options));
    }

    /// <summary>The identity that opens them in Azure.</summary>
    public TokenCredential Credential => credential.Value;

    public BlobServiceClient Blobs => blobs.Value;

    public TableServiceClient Tables => tables.Value;

    /// <exception cref="InvalidOperationException">No Service Bus is configured.</exception>
    public ServiceBusClient ServiceBus => serviceBus.Value;

    public BlobContainerClient Container(string name) => Blobs.GetBlobContainerClient(name);

    /// <summary>
    /// A container for those who look again and again, and wait longer when it fails: without the client's own retries, which
    /// would multiply the requests of a whole fleet just when storage has too many.
    /// </summary>
    public BlobContainerClient PolledContainer(string name) => polledBlobs.Value.GetBlobContainerClient(name);

    public TableClient Table(string name) => Tables.GetTableClient(name);

    /// <summary>The one sender of a queue or topic.</summary>
    /// <exception cref="InvalidOperationException">No Service Bus is configured.</exception>
    public ServiceBusSender Sender(string entity) => senders.GetOrAdd(entity, name => ServiceBus.CreateSender(name));

    public async ValueTask DisposeAsync()
    {
        if (serviceBus.IsValueCreated) await serviceBus.Value.DisposeAsync();
    }

    private BlobServiceClient OpenBlobs(CloudOptions options, BlobClientOptions clientOptions) =>
        string.IsNullOrEmpty(options.Storage)
            ? new BlobServiceClient(options.BlobServiceUri, Credential, clientOptions)
            : new BlobServiceClient(options.Storage, clientOptions);

    private ServiceBusClient OpenServiceBus(CloudOptions options)
    {
        if (!string.IsNullOrEmpty(options.ServiceBus)) return new ServiceBusClient(options.ServiceBus);
        if (!string.IsNullOrEmpty(options.ServiceBusNamespace))
        {
            return new ServiceBusClient(options.ServiceBusNamespace, Credential);
        }

        throw new InvalidOperationException(
            $"No Service Bus is configured: set '{CloudOptions.Section}:{nameof(CloudOptions.ServiceBus)}' to a " +
            $"connection string, or '{CloudOptions.Section}:{nameof(CloudOptions.ServiceBusNamespace)}'.");
    }
}
