namespace Pipeline.Cloud.Connections;

/// <summary>Creates the containers and tables of a local environment; in Azure the Bicep files do it.</summary>
public static class CloudSetup
{
    /// <summary>Creates what is missing and leaves the rest as it is.</summary>
    public static Task EnsureAsync(CloudClients clients, CancellationToken cancellationToken) => Task.WhenAll(
    [
        .. EntityNames.Containers.Select(name =>
            clients.Container(name).CreateIfNotExistsAsync(cancellationToken: cancellationToken)),
        .. EntityNames.Tables.Select(name => clients.Table(name).CreateIfNotExistsAsync(cancellationToken)),
    ]);
}
