
namespace Pipeline.Infra.Tests.Bicep;

/// <summary>What an environment is made of: main.bicep evaluated with the parameters file and azd's variables.</summary>
internal sealed class Deployment
{
    private Deployment(BicepRun run)
    {
        BicepResource[] all = [.. run.Resources()];
        Resources = [.. all.Where(r => !r.Existing)];
        References = [.. all.Where(r => r.Existing)];
        Outputs = run.Outputs;
    }

    public IReadOnlyList<BicepResource> Resources { get; }

    /// <summary>Those that a file refers to as existing.</summary>
    public IReadOnlyList<BicepResource> References { get; }

    public IReadOnlyDictionary<string, object?> Outputs { get; }

    public static IReadOnlyDictionary<string, string> Variables(string stage, bool released) => new Dictionary<string, string>
    {
        ["AZURE_ENV_NAME"] = $"pipeline-{stage}",
        ["AZURE_LOCATION"] = "swedencentral",
        ["AZURE_PRINCIPAL_ID"] = "12121212-3434-5656-7878-909090909090",
        ["PIPELINE_STAGE"] = stage,
        ["PIPELINE_MANAGEMENT_CLIENT_ID"] = "abababab-cdcd-efef-0101-232323232323",
        ["PIPELINE_ALERT_EMAIL"] = "operators@example.com",
        ["AZURE_CONTAINER_REGISTRY_ENDPOINT"] = released ? "cr.azurecr.io" : "",
        ["PIPELINE_RELEASE"] = released ? "1.2.3" : "",
        ["PIPELINE_SIGNING_KEY_VERSION"] = released ? "0123456789abcdef0123456789abcdef" : "",
        ["PIPELINE_TRUSTED_KEYS"] = released ? Convert.ToBase64String("-----BEGIN PUBLIC KEY-----\n"u8) : "",
    };

    /// <exception cref="BicepException">A file does not parse, or something in it does not evaluate.</exception>
    public static Deployment Evaluate(BicepFolder folder, IReadOnlyDictionary<string, string> variables)
    {
        var parameters = new BicepRun(folder, folder.Open("main.bicepparam"), new Dictionary<string, object?>(), null, variables);
        BicepFile main = folder.Open("main.bicep");
        string text = folder.TextOf("main.bicepparam");
        Dictionary<string, object?> given = parameters.File.Of("var")
            .Where(v => text.Contains($"\nparam {v.Name} =", StringComparison.Ordinal))
            .ToDictionary(v => v.Name, v => parameters.Value(v.Name), StringComparer.Ordinal);
        return new Deployment(new BicepRun(folder, main, given, null));
    }

    public IEnumerable<BicepResource> Of(string type) => Resources.Where(r => r.TypeName == type);

    /// <summary>Everything that is wrong with the resources: their types, names that are there twice, references to nothing.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (BicepResource resource in Resources)
        {
            IEnumerable<string> faults = ResourceTypes.TryFind(resource.Type) is { } types
                ? types.Check(resource.Body)
                : [$"'{resource.Type}' is not in tests/data/bicep-types: another version, or a mistake."];
            foreach (string fault in faults) yield return $"{resource.Place}: {resource.TypeName} '{resource.Name}' {fault}";
        }

        foreach (IGrouping<string, BicepResource> twice in Resources.GroupBy(r => r.Id, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            yield return $"{twice.First().Place}: '{twice.Key}' is made {twice.Count()} times.";

        var ids = Resources.Select(r => r.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (BicepResource reference in References.Where(r => !ids.Contains(r.Id)))
            yield return $"{reference.Place}: nothing makes the {reference.TypeName} '{reference.Name}' that is referred to.";
    }
}
