using Azure.Core;
using Azure.Identity;

namespace Pipeline.Local.Environments;

/// <summary>
/// Who a person or a script is to a deployed environment: a service principal of the process's environment, who signed in with
/// azd or az, then a workload identity or the machine's own. People come before the machine, since the name is recorded with
/// what they change. No window is opened.
/// </summary>
internal static class DeployedSignIn
{
    /// <param name="tenant">The Entra tenant; null for the account's own.</param>
    public static TokenCredential Create(string? tenant) => new ChainedTokenCredential(
        new EnvironmentCredential(),
        new DefaultAzureCredential(Only(tenant, options =>
        {
            options.ExcludeAzureCliCredential = false;
            options.ExcludeAzureDeveloperCliCredential = false;
        })),
        new DefaultAzureCredential(Only(tenant, options =>
        {
            options.ExcludeWorkloadIdentityCredential = false;
            options.ExcludeManagedIdentityCredential = false;
        })));

    private static DefaultAzureCredentialOptions Only(string? tenant, Action<DefaultAzureCredentialOptions> include)
    {
        var options = new DefaultAzureCredentialOptions
        {
            ExcludeEnvironmentCredential = true,
            ExcludeWorkloadIdentityCredential = true,
            ExcludeManagedIdentityCredential = true,
            ExcludeVisualStudioCredential = true,
            ExcludeVisualStudioCodeCredential = true,
            ExcludeAzureCliCredential = true,
            ExcludeAzurePowerShellCredential = true,
            ExcludeAzureDeveloperCliCredential = true,
            ExcludeInteractiveBrowserCredential = true,
            ExcludeBrokerCredential = true,
        };
        if (tenant is not null) options.TenantId = tenant;
        include(options);
        return options;
    }
}
