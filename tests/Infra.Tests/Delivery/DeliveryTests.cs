using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Functions.Management;
using Pipeline.Infra.Tests.Bicep;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Delivery;

/// <summary>What azd and GitHub run, read and held against the files that it names.</summary>
public sealed partial class DeliveryTests
{
    // Set by azd itself, by whoever makes an environment, or by the hooks.
    private static readonly string[] Variables =
    [
        "AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE", "PIPELINE_STAGE", "PIPELINE_ALERT_EMAIL",
        "PIPELINE_MANAGEMENT_CLIENT_ID", "PIPELINE_RELEASE", "PIPELINE_TRUSTED_KEYS",
        "PIPELINE_SIGNING_KEY_VERSION", "PIPELINE_IMAGE_SOURCE", "PIPELINE_IMAGE_USER", "PIPELINE_IMAGE_TOKEN",
    ];

    private static JsonObject Project => Yaml.Parse(TextOf("azure.yaml"));

    public static TheoryData<string> Workflows =>
        [.. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows")).Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_KeepsTheRules(string name) => Assert.Empty(WorkflowChecks.Faults(name, TextOf(".github", "workflows", name)));

    [Theory]
    [InlineData("deploy.yml", "name: deploy\n", "name: deploy\nname: other\n", "Map keys must be unique")]
    [InlineData("deploy.yml", "permissions:\n  contents: read\n\njobs:", "permissions: write-all\n\njobs:", "at the top, rights are")]
    [InlineData("deploy.yml", "actions/checkout@v7", "actions/checkout@main", "not among the known actions")]
    [InlineData("deploy.yml", "persist-credentials: false", "persist-credentials: true", "leaves its token")]
    [InlineData("deploy.yml", "secrets.GITHUB_TOKEN", "secrets.AZURE_CREDENTIALS", "sign in by federation")]
    [InlineData("deploy.yml", "    environment: ${{ inputs.stage }}\n", "", "without its approval")]
    [InlineData("deploy.yml", "--client-id \"$AZURE_CLIENT_ID\"", "--client-id ${{ vars.AZURE_CLIENT_ID }}", "puts an expression into a script")]
    [InlineData("deploy.yml", "    timeout-minutes: 120\n", "", "has no time limit")]
    [InlineData("deploy.yml", "runs-on: ubuntu-24.04", "runs-on: ubuntu-latest", "changes by itself")]
    [InlineData("deliver.yml", "needs: dev\n", "needs: staging\n", "'staging' that is not there")]
    [InlineData("deliver.yml", "      stage: prod", "      stages: prod", "does not give 'stage'")]
    [InlineData("deliver.yml", "          sbom: true\n", "", "without provenance and a list")]
    [InlineData("deliver.yml", "uses: ./.github/workflows/build.yml", "uses: ./.github/workflows/test.yml", "no workflow of this repository")]
    [InlineData("build.yml", "  pull_request:\n", "  pull_request_target:\n", "no event that these workflows run on")]
    [InlineData("build.yml", "infra/delivery.bicep", "infra/deliver.bicep", "no 'infra/deliver.bicep'")]
    public void Mistake_IsFound(string name, string old, string mistake, string told)
    {
        string text = TextOf(".github", "workflows", name);
        Assert.Contains(old, text, StringComparison.Ordinal);

        Assert.Contains(WorkflowChecks.Faults(name, text.Replace(old, mistake, StringComparison.Ordinal)),
            f => f.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void Delivery_GoesToDevBeforeProd()
    {
        JsonNode jobs = Yaml.Parse(TextOf(".github", "workflows", "deliver.yml"))["jobs"]!;

        Assert.Equal("build", jobs["images"]!["needs"]!.ToString());
        Assert.Equal("images", jobs["dev"]!["needs"]!.ToString());
        Assert.Equal("dev", jobs["prod"]!["needs"]!.ToString());
        foreach (string program in Yaml.Texts(jobs["images"]!["strategy"]!["matrix"]!["program"]))
            Assert.True(File.Exists(Repository.PathOf(program, "Dockerfile")), program);
        // The hook looks for the same names: program:release-variant.
        string release = TextOf("infra", "hooks", "release.sh");
        Assert.All(Yaml.Texts(jobs["images"]!["strategy"]!["matrix"]!["variant"]),
            variant => Assert.Contains($"image edge {variant}", release, StringComparison.Ordinal));
    }

    [Fact]
    public void Azd_FindsWhatItIsToldOf()
    {
        JsonObject project = Project;

        Assert.Equal(["name", "infra", "hooks", "workflows", "services"], project.Select(p => p.Key));
        Assert.Equal("bicep", project["infra"]!["provider"]!.ToString());
        Assert.True(File.Exists(Repository.PathOf(project["infra"]!["path"]!.ToString(), project["infra"]!["module"]! + ".bicep")));
        foreach ((string hook, JsonNode? what) in Yaml.Members(project["hooks"]))
        {
            Assert.Contains(hook, (string[])["preprovision", "postprovision"]);
            string path = Repository.PathOf(what!["run"]!.ToString());
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute), path);
        }

        (string service, JsonNode? functions) = Assert.Single(Yaml.Members(project["services"]));
        Assert.Equal("function", functions!["host"]!.ToString());
        Assert.NotEmpty(Directory.EnumerateFiles(Repository.PathOf(functions["project"]!.ToString()), "*.csproj"));
        BicepResource app = Assert.Single(Environments.Dev.Of("Microsoft.Web/sites"));
        Assert.Equal(service, app.Get("tags.azd-service-name"));
        Assert.Equal(Environments.Dev.Of("Microsoft.Resources/resourceGroups").Single().Get("tags.azd-env-name"), "pipeline-dev");
    }

    [Fact]
    public void Azd_ProvisionsAgainWithWhatTheHookFound()
    {
        string[] steps = [.. ((JsonArray)Project["workflows"]!["up"]!["steps"]!).Select(s => s!["azd"]!.ToString())];

        Assert.Equal(["provision", "provision", "deploy functions --from-package artifacts/functions.zip"], steps);
        string release = TextOf("infra", "hooks", "release.sh");
        Assert.Contains("-p:FunctionsHost=azure", release, StringComparison.Ordinal);
        Assert.Contains("(cd artifacts/functions && zip --quiet --recurse-paths ../functions.zip .)", release, StringComparison.Ordinal);
        // The second one is what deploys workers and edges.
        Assert.Empty(Environments.Of("dev", released: false).Of("Microsoft.App/containerApps"));
        Assert.NotEmpty(Environments.Dev.Of("Microsoft.App/containerApps"));
    }

    [Fact]
    public void Functions_AreDeployedAsTheyWereBuiltForAzure() => Assert.Empty(
        from file in new[] { "README.md", "docs/operations.md", "docs/infrastructure.md", "azure.yaml" }
        from line in File.ReadLines(Repository.PathOf(file))
        where line.Contains("deploy functions", StringComparison.Ordinal)
        where !line.Contains("deploy functions --from-package artifacts/functions.zip", StringComparison.Ordinal)
        select $"{file}: '{line.Trim()}' deploys the functions for this machine.");

    [Theory]
    [InlineData("register-app.sh")]
    [InlineData("release.sh")]
    public async Task Hook_IsAScriptThatReadsKnownVariables(string name)
    {
        string path = Repository.PathOf("infra", "hooks", name);
        await using ChildProcess shell = ChildProcess.Start("sh", ["-n", path]);

        Assert.Equal(0, await shell.WaitForExitAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Variable().Matches(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Select(m => m.Value)
            .Except(Variables).Except(Environments.Prod.Outputs.Keys));
    }

    [Fact]
    public void Parameters_AreMadeOfKnownVariables() => Assert.Empty(
        Variable().Matches(TextOf("infra", "main.bicepparam")).Select(m => m.Value).Except(Variables).Except(Environments.Prod.Outputs.Keys));

    [Fact]
    public void Variables_ThatTheHooksSetComeBackAsOutputs()
    {
        // Another machine, such as the next delivery's, knows nothing but what the last deployment put out.
        string hooks = TextOf("infra", "hooks", "release.sh") + TextOf("infra", "hooks", "register-app.sh");
        foreach (string variable in SetVariable().Matches(hooks).Select(m => m.Groups[1].Value))
            Assert.Equal(Deployment.Variables("prod", released: true)[variable], Environments.Prod.Outputs[variable]);
    }

    [Fact]
    public void Roles_AreThoseThatTheFunctionsAskFor()
    {
        JsonElement app = JsonSerializer.Deserialize<JsonElement>(TextOf("infra", "hooks", "management-app.json"));

        Assert.Equal(Enum.GetNames<Permission>(), app.GetProperty("appRoles").EnumerateArray().Select(r => r.GetProperty("value").GetString()));
    }

    [Fact]
    public void Federation_IsForOneEnvironmentOfOneRepository()
    {
        var run = new BicepRun(BicepFolder.Own, BicepFolder.Own.Open("delivery.bicep"),
            new Dictionary<string, object?> { ["repository"] = "owner/name", ["stage"] = "prod", ["location"] = "swedencentral" }, null);
        BicepResource[] resources = [.. run.Resources()];

        Assert.Empty(resources.SelectMany(r => ResourceTypes.Of(r.Type).Check(r.Body)));
        BicepResource federation = Assert.Single(resources, r => r.TypeName.EndsWith("/federatedIdentityCredentials", StringComparison.Ordinal));
        Assert.Equal("repo:owner/name:environment:prod", federation.Get("properties.subject"));
    }

    private static string TextOf(params string[] parts) => File.ReadAllText(Repository.PathOf(parts));

    [GeneratedRegex(@"\b(AZURE|PIPELINE)_[A-Z_]+\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"azd env set (\w+)")]
    private static partial Regex SetVariable();
}
