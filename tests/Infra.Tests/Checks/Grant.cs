using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests.Checks;

/// <summary>One right: who may do what on what, in the words of docs/infrastructure.md.</summary>
internal sealed record Grant(string Who, string Role, string On)
{
    // From Microsoft's list of built-in roles, independent of the files that are checked.
    private static readonly Dictionary<string, string> RoleNames = new()
    {
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = "Storage Blob Data Reader",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"] = "Azure Service Bus Data Receiver",
        ["69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"] = "Azure Service Bus Data Sender",
        ["12338af0-0e69-4776-bea7-57ae8d297424"] = "Key Vault Crypto User",
        ["21090545-7ca7-4776-b22c-e363652d74d2"] = "Key Vault Reader",
        ["7f951dda-4ed3-4680-a7ca-43fe172d538d"] = "AcrPull",
        ["b24988ac-6180-42a0-ab88-20f7382dd24c"] = "Contributor",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
    };

    /// <summary>The rights that a deployment gives; all build queues count as one thing where they are treated alike.</summary>
    public static IEnumerable<Grant> Of(Deployment deployment)
    {
        Dictionary<string, string> names = deployment.Of("Microsoft.ManagedIdentity/userAssignedIdentities")
            .ToDictionary(i => RuntimeValues.PrincipalOf(i.Name), i => i.Name.Split('-')[^1]);
        Grant[] all = [.. deployment.Of("Microsoft.Authorization/roleAssignments").Select(a => new Grant(
            names.GetValueOrDefault((string)a.Get("properties.principalId")!, "operators"),
            RoleNames.GetValueOrDefault(((string)a.Get("properties.roleDefinitionId")!).Split('/')[^1], "unknown role"),
            Describe(a.Id.Split("/providers/Microsoft.Authorization")[0])))];
        int lanes = deployment.Of("Microsoft.ServiceBus/namespaces/queues").Count(q => q.Name.StartsWith("build-", StringComparison.Ordinal));
        return all.Where(g => !IsBuildQueue(g)).Concat(all.Where(IsBuildQueue)
            .GroupBy(g => (g.Who, g.Role), (key, on) =>
                new Grant(key.Who, key.Role, on.Count() == lanes ? "each build queue" : $"{on.Count()} of {lanes} build queues")));

        static bool IsBuildQueue(Grant grant) => grant.On.StartsWith("queue `build-", StringComparison.Ordinal);
    }

    /// <summary>The rows of the table in the documentation.</summary>
    public static IEnumerable<Grant> Documented(string markdown) =>
        from line in markdown.Split('\n').SkipWhile(l => !l.StartsWith("| who |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(l => l.StartsWith('|'))
        let cells = line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries)
        from thing in cells[2].Split(", ")
        select new Grant(cells[0], cells[1], thing);

    private static string Describe(string id)
    {
        string[] parts = id.Split('/');
        string name = parts[^1];
        return parts[^2] switch
        {
            "containers" => $"container `{name}`",
            "tables" => $"table `{name}`",
            "queues" => $"queue `{name}`",
            "topics" => $"topic `{name}`",
            "subscriptions" => $"subscription `{name}`",
            "keys" => $"key `{name}`",
            "registries" => "the registry",
            "components" => "Application Insights",
            "storageAccounts" when name.StartsWith("sthost", StringComparison.Ordinal) => "the host's storage account",
            _ => id,
        };
    }
}
