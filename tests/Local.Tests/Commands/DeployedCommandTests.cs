using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Pipeline.Local.Commands;
using Pipeline.Local.Tests.Azure;
using Pipeline.Onnx;
using Pipeline.Onnx.Writing;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Commands;

/// <summary>The built command against an environment that asks for tokens: doubles of the functions and of Azure's identity.</summary>
public sealed class DeployedCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private FunctionsDouble functions = null!;
    private IdentityDouble identity = null!;

    public async ValueTask InitializeAsync()
    {
        functions = await FunctionsDouble.StartAsync();
        functions.TokenPrefix = IdentityDouble.TokenPrefix;
        identity = await IdentityDouble.StartAsync();
    }

    [Theory]
    [InlineData("status", "GET /api/promotions")]
    [InlineData("routes", "GET /api/routes")]
    [InlineData("fleet", "GET /api/fleet")]
    [InlineData("history sm_75", "GET /api/routes/sm_75/history")]
    [InlineData("approve ocr 2", "POST /api/models/ocr/versions/2/approve")]
    [InlineData("cancel ocr 2", "POST /api/models/ocr/versions/2/cancel")]
    [InlineData("retry ocr 2", "POST /api/models/ocr/versions/2/retry")]
    [InlineData("rollback ocr --reason slow", "POST /api/models/ocr/rollback")]
    [InlineData("withdraw ocr --reason slow", "POST /api/models/ocr/withdraw")]
    [InlineData("pin ocr --reason fair", "POST /api/models/ocr/pin")]
    [InlineData("unpin ocr", "POST /api/models/ocr/unpin")]
    [InlineData("pause ocr", "POST /api/models/ocr/pause")]
    [InlineData("resume ocr", "POST /api/models/ocr/resume")]
    public async Task Command_OnADeployedEnvironment_AsksWithATokenOfItsApplication(string arguments, string request)
    {
        CommandRun run = await RunAsync(identity.Variables, arguments);

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        Assert.Contains($"{request} Bearer {IdentityDouble.TokenPrefix}.", functions.Requests.First(), StringComparison.Ordinal);
        Assert.Equal(["api://pipeline-test"], identity.Resources.Distinct());
    }

    [Fact]
    public async Task Command_NobodyIsSignedIn_SaysHowToSignIn()
    {
        CommandRun run = await RunAsync(IdentityDouble.Nobody, "status", "--json");

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.StartsWith(
            "Nobody is signed in: run 'azd auth login'", document.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty(functions.Requests);
    }

    [Theory]
    [InlineData("prod", "Nobody is signed in")]
    [InlineData("dev", "Nobody is signed in")]
    [InlineData("AzureCliCredential", "Nobody is signed in")]
    [InlineData("nonsense", "Invalid value for environment variable AZURE_TOKEN_CREDENTIALS")]
    public async Task Command_AWayToSignInIsChosen_IsHeeded(string choice, string fault)
    {
        Dictionary<string, string?> variables = IdentityDouble.Nobody;
        variables["AZURE_TOKEN_CREDENTIALS"] = choice;

        CommandRun run = await RunAsync(variables, "status");

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.StartsWith(fault, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("explain m 1")]
    [InlineData("routes")]
    [InlineData("fleet")]
    [InlineData("pause m")]
    [InlineData("events")]
    [InlineData("deadletters list")]
    [InlineData("check /proc/self/environ")]
    public async Task Command_EnvironmentIsNotThere_SaysSoWithExitCode3(string arguments)
    {
        CommandRun run = await CommandRun.StartAsync(
            IdentityDouble.Nobody, [.. arguments.Split(' '), "--environment", "no-such-environment"]);

        Assert.Equal(ExitCodes.NoEnvironment, run.ExitCode);
        Assert.StartsWith("There is no environment 'no-such-environment' in .azure", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("--environment dev up", "'up' is for this machine alone")]
    [InlineData("demo --environment dev", "'demo' is for this machine alone")]
    [InlineData("bench -e dev", "'bench' is for this machine alone")]
    [InlineData("bridge --cursor /dev/null -e dev", "'bridge' is for this machine alone")]
    [InlineData("servicebus -e dev", "'servicebus' is for this machine alone")]
    [InlineData("status --environment ../dev", "--environment is '../dev'; write 1 to 64 letters")]
    [InlineData("status --environment dev --data /tmp", "--data is for an environment on this machine")]
    [InlineData("deadletters replay other-queue", "QUEUE is 'other-queue'; write blob-events")]
    public async Task CommandLine_EnvironmentDoesNotFit_IsRefusedWithExitCode2(string arguments, string fault)
    {
        CommandRun run = await CommandRun.StartAsync(arguments.Split(' '));

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains(fault, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("events", "PIPELINE_SERVICEBUS_NAMESPACE", "no-such-pipeline.invalid")]
    [InlineData("deadletters list", "PIPELINE_SERVICEBUS_NAMESPACE", "no-such-pipeline.invalid")]
    [InlineData("push /dev/null --model m --version 1", "PIPELINE_STORAGE_ACCOUNT", "https://no-such-pipeline.invalid")]
    public async Task Command_NameOfAServiceIsNotKnown_SaysSo(string arguments, string variable, string value)
    {
        Dictionary<string, string?> variables = identity.Variables;
        variables[variable] = value;
        File.WriteAllBytes(folder.PathOf("model.onnx"), Model());

        CommandRun run = await RunAsync(variables, arguments.Replace("/dev/null", folder.PathOf("model.onnx"), StringComparison.Ordinal));

        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.StartsWith(
            "The name of a service of environment 'no-such-environment' is not known", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task Push_WithTheIdentity_UploadsWithoutAnyKey()
    {
        await using SecureAzurite azurite = await SecureAzurite.StartAsync();
        BlobContainerClient models = await azurite.ModelsAsync();
        File.WriteAllText(folder.PathOf("promotion.json"), """{ "approval": "none" }""");
        File.WriteAllBytes(folder.PathOf("model.onnx"), Model());
        Dictionary<string, string?> variables = identity.Variables;
        (variables["SSL_CERT_FILE"], variables["PIPELINE_STORAGE_ACCOUNT"]) = (azurite.CertificatePath, azurite.Blobs.ToString());

        CommandRun run = await RunAsync(
            variables, "push", folder.PathOf("model.onnx"), "--model", "ocr", "--version", "1", "--policy", folder.PathOf("promotion.json"));

        Assert.True(run.ExitCode == ExitCodes.Ok, run.Output + run.Error);
        Assert.Contains("promotion.json was not checked here", run.Output, StringComparison.Ordinal);
        List<BlobItem> blobs = await models.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["ocr/1/model.onnx", "ocr/1/promotion.json"], blobs.Select(b => b.Name).Order());
        Assert.All(identity.Resources, r => Assert.Equal("https://storage.azure.com/", r));
    }

    public async ValueTask DisposeAsync()
    {
        await functions.DisposeAsync();
        await identity.DisposeAsync();
        folder.Dispose();
    }

    private static byte[] Model()
    {
        OnnxGraphWriter graph = new OnnxGraphWriter("add").Input("x", OnnxElementType.Float, "n", 4)
            .Output("y", OnnxElementType.Float, "n", 4).Node("Add", ["x", "x"], ["y"]);
        return new OnnxModelWriter(graph).Opset("", 17).ToArray();
    }

    private Task<CommandRun> RunAsync(Dictionary<string, string?> variables, string arguments) =>
        RunAsync(variables, arguments.Split(' '));

    private Task<CommandRun> RunAsync(Dictionary<string, string?> variables, params string[] arguments)
    {
        variables["PIPELINE_FUNCTIONS_URL"] = functions.Address.ToString();
        variables["PIPELINE_API_AUDIENCE"] = "api://pipeline-test";
        return CommandRun.StartAsync(variables, [.. arguments, "--environment", "no-such-environment"]);
    }
}
