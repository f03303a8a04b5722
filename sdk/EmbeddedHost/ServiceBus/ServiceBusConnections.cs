using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;

/// <summary>One client for each connection that an attribute names.</summary>
internal sealed class ServiceBusConnections(IConfiguration configuration, HostSettings settings) : IAsyncDisposable
{
    private const string DefaultName = "AzureWebJobsServiceBus";

    private readonly ConcurrentDictionary<string, Lazy<ServiceBusClient>> _clients =
        new(StringComparer.OrdinalIgnoreCase);

    /// <param name="connection">The setting with a connection string, or the prefix of the settings of an identity
    /// (<c>X__fullyQualifiedNamespace</c>); null: AzureWebJobsServiceBus.</param>
    /// <exception cref="FunctionWorkerException">The setting is missing or malformed.</exception>
    public ServiceBusClient Get(string? connection) => _clients.GetOrAdd(
        string.IsNullOrEmpty(connection) ? DefaultName : connection,
        name => new Lazy<ServiceBusClient>(() => Open(name))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<ServiceBusClient> client in _clients.Values)
        {
            if (client.IsValueCreated) await client.Value.DisposeAsync();
        }
    }

    private ServiceBusClient Open(string name)
    {
        // The official host looks for the prefixed name first.
        IConfigurationSection section = configuration.GetSection("AzureWebJobs" + name);
        if (!section.Exists()) section = configuration.GetSection(name);
        try
        {
            if (section.Value is { Length: > 0 } connectionString)
                return new ServiceBusClient(connectionString, settings.Client);
            if (section["fullyQualifiedNamespace"] is { Length: > 0 } fullyQualifiedNamespace)
                return new ServiceBusClient(fullyQualifiedNamespace, CredentialOf(section), settings.Client);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Not the cause's message: it may quote the key.
            throw new FunctionWorkerException($"Setting '{name}' is no Service Bus connection: correct it.", e);
        }

        throw new FunctionWorkerException(
            $"Setting '{name}' is not set: give it a connection string, or set '{name}__fullyQualifiedNamespace'.");
    }

    private static TokenCredential CredentialOf(IConfigurationSection section) =>
        "managedidentity".Equals(section["credential"], StringComparison.OrdinalIgnoreCase)
            ? new ManagedIdentityCredential(section["clientId"] is { Length: > 0 } clientId
                ? ManagedIdentityId.FromUserAssignedClientId(clientId)
                : ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential();
}
