using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>Rules that hold for every environment, whatever its parameters: no keys, no passwords, no anonymous access.</summary>
internal static class SecurityChecks
{
    private static readonly (string Type, string Property, object Value)[] Wanted =
    [
        ("Microsoft.Storage/storageAccounts", "properties.allowSharedKeyAccess", false),
        ("Microsoft.Storage/storageAccounts", "properties.allowBlobPublicAccess", false),
        ("Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", "TLS1_2"),
        ("Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", true),
        ("Microsoft.Storage/storageAccounts/blobServices/containers", "properties.publicAccess", "None"),
        ("Microsoft.ServiceBus/namespaces", "properties.disableLocalAuth", true),
        ("Microsoft.Insights/components", "properties.DisableLocalAuth", true),
        ("Microsoft.OperationalInsights/workspaces", "properties.features.disableLocalAuth", true),
        ("Microsoft.ContainerRegistry/registries", "properties.adminUserEnabled", false),
        ("Microsoft.ContainerRegistry/registries", "properties.anonymousPullEnabled", false),
        ("Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", true),
        ("Microsoft.KeyVault/vaults", "properties.enablePurgeProtection", true),
        ("Microsoft.KeyVault/vaults/keys", "properties.attributes.exportable", false),
        ("Microsoft.Web/sites", "properties.httpsOnly", true),
        ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", "properties.allow", false),
        ("Microsoft.App/containerApps", "properties.configuration.ingress.allowInsecure", false),
    ];

    public static IEnumerable<string> Faults(Deployment deployment)
    {
        foreach ((string type, string property, object value) in Wanted)
        {
            foreach (BicepResource resource in deployment.Of(type).Where(r => !Equals(r.Get(property), value)))
                yield return $"{resource.Place}: '{property}' of '{resource.Name}' must be {value}.";
        }

        foreach (BicepResource account in deployment.Of("Microsoft.Storage/storageAccounts").Where(a => a.Name.StartsWith("stdata", StringComparison.Ordinal)))
        {
            BicepResource blobs = deployment.Of("Microsoft.Storage/storageAccounts/blobServices")
                .Single(b => b.Id.StartsWith(account.Id + "/", StringComparison.Ordinal));
            if (blobs.Get("properties.isVersioningEnabled") is not true || blobs.Get("properties.deleteRetentionPolicy.enabled") is not true)
                yield return $"{blobs.Place}: what is overwritten or deleted in '{account.Name}' is lost.";
        }

        foreach ((string name, object? value) in deployment.Outputs)
        {
            if (value is string text && (text.Contains("Key=", StringComparison.OrdinalIgnoreCase) || text.Contains("sig=", StringComparison.Ordinal)))
                yield return $"main.bicep: the output '{name}' holds a secret.";
        }
    }
}
