using System.Text;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Delivery;

/// <summary>The hooks, run as azd runs them, with stand-ins for az, azd, git, dotnet and zip that note what they are asked.</summary>
public sealed class HookTests : IDisposable
{
    private static readonly Dictionary<string, string?> Outputs = new()
    {
        ["AZURE_CONTAINER_REGISTRY_ENDPOINT"] = "crx.azurecr.io",
        ["AZURE_ENV_NAME"] = "dev",
        ["AZURE_PRINCIPAL_ID"] = "me",
        ["PIPELINE_HAS_GPU"] = "false",
        ["PIPELINE_KEY_VAULT"] = "kv-x",
        ["PIPELINE_SIGNING_KEY"] = "signing",
    };

    private readonly TemporaryFolder folder = new();

    public HookTests()
    {
        Directory.CreateDirectory(folder.PathOf("infra/hooks"));
        Directory.CreateDirectory(folder.PathOf("bin"));
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("infra", "hooks")))
            File.Copy(file, folder.PathOf("infra/hooks/" + Path.GetFileName(file)));
        foreach (string program in new[] { "az", "azd", "git", "dotnet", "zip", "sleep" }) StandIn(program);
        Answer("git rev-parse", "abc123");
        Answer("git status", "");
        Answer("dotnet publish", "", "mkdir -p artifacts/functions");
        Answer("az acr repository show", "", "exit 1");
        Answer("az keyvault key list-versions", "https://kv-x/keys/signing/1\nhttps://kv-x/keys/signing/2");
        Answer("az keyvault key download", "", "for last; do case $last in */key.pem) echo \"PEM $5\" > \"$last\";; esac; done");
        Answer("az keyvault key show", "https://kv-x/keys/signing/2");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Release_BuildsWhatIsMissing_AndTrustsEveryEnabledKey()
    {
        string[] asked = await RunAsync("release.sh", 0);

        Assert.Contains("az acr build --registry crx --image gpu-worker:abc123-cpu --file gpu-worker/Dockerfile --target cpu --timeout 7200 .", asked);
        Assert.Contains("az acr build --registry crx --image edge:abc123-cpu --file edge/Dockerfile --target cpu --timeout 7200 .", asked);
        Assert.DoesNotContain(asked, a => a.Contains("-gpu", StringComparison.Ordinal));
        Assert.Contains("azd env set PIPELINE_RELEASE abc123", asked);
        Assert.Contains("azd env set PIPELINE_SIGNING_KEY_VERSION 2", asked);
        string keys = Assert.Single(asked, a => a.StartsWith("azd env set PIPELINE_TRUSTED_KEYS ", StringComparison.Ordinal)).Split(' ')[^1];
        Assert.Equal("PEM https://kv-x/keys/signing/1\nPEM https://kv-x/keys/signing/2\n", Encoding.UTF8.GetString(Convert.FromBase64String(keys)));
        Assert.Contains("dotnet publish functions/Functions.csproj -c Release -p:FunctionsHost=azure -p:NuGetAudit=true -o artifacts/functions", asked);
        Assert.Equal("zip --quiet --recurse-paths ../functions.zip .", asked[^1]);
    }

    [Fact]
    public async Task Release_LeavesImagesThatAreThere()
    {
        Answer("az acr repository show", "");

        Assert.DoesNotContain(await RunAsync("release.sh", 0), a => a.StartsWith("az acr build", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Release_WithGpus_TakesFinishedImagesWhereThereAreSome()
    {
        string[] asked = await RunAsync("release.sh", 0, new()
        {
            ["PIPELINE_HAS_GPU"] = "true",
            ["PIPELINE_IMAGE_SOURCE"] = "ghcr.io/o/r",
            ["PIPELINE_IMAGE_USER"] = "u",
            ["PIPELINE_IMAGE_TOKEN"] = "t",
        });

        Assert.Equal(4, asked.Count(a => a.StartsWith("az acr import --name crx --source ghcr.io/o/r/", StringComparison.Ordinal)));
        Assert.Contains(asked, a => a.Contains("--source ghcr.io/o/r/edge:abc123-gpu --image edge:abc123-gpu", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, a => a.StartsWith("az acr build", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Release_OfUncommittedWork_HasANameOfItsOwn()
    {
        Answer("git status", " M file");
        Answer("git hash-object", "0123456789abcdef");

        Assert.Contains("azd env set PIPELINE_RELEASE abc123-01234567", await RunAsync("release.sh", 0));
    }

    [Fact]
    public async Task Release_WhereTheVaultCannotBeRead_KeepsTheKeysThatEdgesKnow()
    {
        Answer("az keyvault key list-versions", "", "exit 1");

        string[] asked = await RunAsync("release.sh", 0, new() { ["PIPELINE_TRUSTED_KEYS"] = "b2xk", ["PIPELINE_SIGNING_KEY_VERSION"] = "1" });
        Assert.DoesNotContain(asked, a => a.StartsWith("azd env set PIPELINE_TRUSTED_KEYS", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, a => a.StartsWith("azd env set PIPELINE_SIGNING_KEY_VERSION", StringComparison.Ordinal));
        Assert.Contains(asked, a => a.StartsWith("zip ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Release_WithoutAnyKey_FailsAfterAWhile()
    {
        Answer("az keyvault key list-versions", "", "exit 1");

        string[] asked = await RunAsync("release.sh", 1);
        Assert.Equal(19, asked.Count(a => a == "sleep 15"));
    }

    [Fact]
    public async Task Registration_IsMadeOnce()
    {
        Answer("az ad app create", "new-app");
        Answer("az ad app show", "an-id");

        string[] asked = await RunAsync("register-app.sh", 0);
        Assert.Contains(
            "az ad app list --display-name promotion-pipeline-dev --query [?displayName=='promotion-pipeline-dev'].appId | [0] --output tsv", asked);
        Assert.Contains("az ad app update --id new-app --identifier-uris api://new-app", asked);
        Assert.Contains(
            asked,
            a => a.StartsWith("az ad sp update", StringComparison.Ordinal) && a.EndsWith("appRoleAssignmentRequired=true", StringComparison.Ordinal));
        Assert.Equal("azd env set PIPELINE_MANAGEMENT_CLIENT_ID new-app", asked[^1]);
        Assert.Empty(await RunAsync("register-app.sh", 0, new() { ["PIPELINE_MANAGEMENT_CLIENT_ID"] = "new-app" }));
    }

    [Theory]
    [InlineData("me", "me")]
    [InlineData(null, "somebody")]
    public async Task Registration_LetsWhoeverDeploysOperate(string? known, string operates)
    {
        Answer("az ad app create", "new-app");
        Answer("az ad app show", "an-id");
        Answer("az ad signed-in-user show", "somebody");

        string[] asked = await RunAsync("register-app.sh", 0, new() { ["AZURE_PRINCIPAL_ID"] = known });
        Assert.Contains(asked, a => a.Contains("/appRoleAssignedTo", StringComparison.Ordinal)
            && a.Contains($"\"principalId\":\"{operates}\"", StringComparison.Ordinal));
    }

    private async Task<string[]> RunAsync(string hook, int exitCode, Dictionary<string, string?>? more = null)
    {
        File.WriteAllText(folder.PathOf("asked"), "");
        var environment = new Dictionary<string, string?>(Outputs) { ["PATH"] = $"{folder.PathOf("bin")}:{Environment.GetEnvironmentVariable("PATH")}" };
        foreach ((string name, string? value) in more ?? []) environment[name] = value;
        await using ChildProcess shell = ChildProcess.Start("sh", [folder.PathOf($"infra/hooks/{hook}")], environment);
        Assert.True(await shell.WaitForExitAsync(Cancel) == exitCode, shell.Output);
        return await File.ReadAllLinesAsync(folder.PathOf("asked"), Cancel);
    }

    // Notes its arguments, then does what the answer for the longest fitting beginning of them says.
    private void StandIn(string program)
    {
        string path = folder.PathOf($"bin/{program}");
        File.WriteAllText(path, $$"""
            #!/bin/sh
            echo "{{program}} $*" >> '{{folder.PathOf("asked")}}'
            line="{{program}} $*"
            for answer in '{{folder.PathOf("bin")}}'/*.answer; do
              [ -e "$answer" ] || continue
              case "$line" in "$(head -n 1 "$answer" | cut -c3-)"*) . "$answer"; exit 0;; esac
            done

            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private void Answer(string command, string text, string script = "true") => File.WriteAllText(
        folder.PathOf($"bin/{command.Replace(' ', '-')}.answer"), $"# {command}\n{script}\n" + (text.Length == 0 ? "" : $"cat <<'EOF'\n{text}\nEOF\n"));
}
