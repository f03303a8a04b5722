using Azure.Core;
using Azure.Identity;
using Pipeline.Local.Commands;

namespace Pipeline.Local.Environments;

/// <summary>
/// Who a person or a script is to a deployed environment: a service principal of the process's environment, who signed in with
/// azd or az, then a workload identity or the machine's own. People come before the machine, since the name is recorded with
/// what they change. No window is opened.
/// </summary>
internal static class DeployedSignIn
{
    // The variable by which people choose for all of Azure's clients; it leaves out what a chain of our own includes.
    private const string ChoiceVariable = "AZURE_TOKEN_CREDENTIALS";

    /// <param name="tenant">The Entra tenant; null for the account's own.</param>
    /// <exception cref="CommandException">The process's environment chooses a way that does not exist.</exception>
    public static TokenCredential Create(string? tenant)
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ChoiceVariable))) return CreateChosen(tenant);
        return new ChainedTokenCredential(
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
    }

    private static DefaultAzureCredential CreateChosen(string? tenant)
    {
        var options = new DefaultAzureCredentialOptions();
        if (tenant is not null) options.TenantId = tenant;
        try
        {
            return new DefaultAzureCredential(options);
        }
        catch (InvalidOperationException e)
        {
            throw new CommandException(e.Message.Split(". ")[0] + ".");
        }
    }

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
