using Azure.Core;
using Azure.Messaging.ServiceBus;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Naming;
using Pipeline.Local.Management;

namespace Pipeline.Local.Environments;

/// <summary>
/// The way to an environment that runs, on this machine or in Azure: what commands work through. Only what a command uses is
/// opened, so that only that must be configured and permitted.
/// </summary>
public sealed class RunningEnvironment : IAsyncDisposable
{
    private readonly Lazy<ManagementClient> management;
    private readonly Lazy<CloudClients> storage;
    private readonly Lazy<CloudClients> messages;
    private readonly Func<IReadOnlyCollection<Lane>?> lanes;

    private RunningEnvironment(
        Func<ManagementClient> management,
        Func<CloudClients> storage,
        Func<CloudClients> messages,
        Func<IReadOnlyCollection<Lane>?> lanes) =>
        (this.management, this.storage, this.messages, this.lanes) = (new(management), new(storage), new(messages), lanes);

    /// <summary>What it builds on; null when that is not known here.</summary>
    public IReadOnlyCollection<Lane>? Lanes => lanes();

    /// <summary>Whether it is in Azure: others use it, and each request goes a long way.</summary>
    public bool IsDeployed { get; private init; }

    public ManagementClient Management => management.Value;

    /// <summary>Blobs.</summary>
    public CloudClients Storage => storage.Value;

    public ServiceBusClient ServiceBus => messages.Value.ServiceBus;

    /// <summary>One on this machine.</summary>
    public static RunningEnvironment Of(EnvironmentDescription local) => new(
        () => new ManagementClient(local.Functions),
        () => new CloudClients(new CloudOptions { Storage = local.Storage }),
        () => new CloudClients(new CloudOptions { ServiceBus = local.ServiceBus }),
        () => local.Lanes);

    /// <summary>One in Azure; its addresses are read when a command asks for them.</summary>
    public static RunningEnvironment Of(DeployedEnvironment deployed, TokenCredential credential) => new(
        () => ManagementClient.SignedIn(deployed.Functions, credential, deployed.Audience),
        () => new CloudClients(new CloudOptions { BlobServiceUri = deployed.Blobs }, credential),
        () => new CloudClients(new CloudOptions { ServiceBusNamespace = deployed.ServiceBus }, credential),
        () => deployed.Lanes)
    {
        IsDeployed = true,
    };

    public async ValueTask DisposeAsync()
    {
        if (management.IsValueCreated) management.Value.Dispose();
        if (storage.IsValueCreated) await storage.Value.DisposeAsync();
        if (messages.IsValueCreated) await messages.Value.DisposeAsync();
    }
}
