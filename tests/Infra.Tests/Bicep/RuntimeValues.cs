namespace Pipeline.Infra.Tests.Bicep;

/// <summary>What Azure would answer, in the form that it has there.</summary>
internal static class RuntimeValues
{
    public static string? Sample(string type, string name, string id, string path) => (type, path) switch
    {
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "properties.principalId") => PrincipalOf(name),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "properties.clientId") => ClientOf(name),
        ("Microsoft.Storage/storageAccounts", "properties.primaryEndpoints.blob") => $"https://{name}.blob.core.windows.net/",
        ("Microsoft.Storage/storageAccounts", "properties.primaryEndpoints.table") => $"https://{name}.table.core.windows.net/",
        ("Microsoft.ContainerRegistry/registries", "properties.loginServer") => $"{name}.azurecr.io",
        ("Microsoft.KeyVault/vaults/keys", "properties.keyUri") => $"https://{id.Split('/')[^3]}.vault.azure.net/keys/{name}",
        ("Microsoft.Insights/components", "properties.ConnectionString") => $"InstrumentationKey={ClientOf(name)}",
        ("Microsoft.Web/sites", "properties.defaultHostName") => $"{name}.azurewebsites.net",
        ("Microsoft.App/containerApps", "properties.configuration.ingress.fqdn") => $"{name}.example.azurecontainerapps.io",
        _ => null,
    };

    public static string PrincipalOf(string identity) => BicepFunctions.Guid(["principal", identity]);

    public static string ClientOf(string identity) => BicepFunctions.Guid(["client", identity]);
}
