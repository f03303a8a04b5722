using Pipeline.Local.Commands;
using Pipeline.Local.Environments;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Environments;

public sealed class DeployedEnvironmentTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> variables = [];

    [Fact]
    public void Find_FileOfAzd_GivesTheAddresses()
    {
        Write("dev", """
            AZURE_ENV_NAME="dev"
            AZURE_TENANT_ID="11111111-2222-3333-4444-555555555555"
            PIPELINE_FUNCTIONS_URL="https://func-dev.azurewebsites.net"
            PIPELINE_API_AUDIENCE="api://pipeline-dev"
            PIPELINE_STORAGE_ACCOUNT="stpipelinedev"
            PIPELINE_SERVICEBUS_NAMESPACE="sb-pipeline-dev"
            PIPELINE_LANES="sm_75/trt-11.1.0.106;cpu-x64-avx2/ort-1.29.0-cpu"
            """);

        DeployedEnvironment found = Find("dev");

        Assert.Equal(new Uri("https://func-dev.azurewebsites.net/"), found.Functions);
        Assert.Equal("api://pipeline-dev", found.Audience);
        Assert.Equal(new Uri("https://stpipelinedev.blob.core.windows.net/"), found.Blobs);
        Assert.Equal("sb-pipeline-dev.servicebus.windows.net", found.ServiceBus);
        Assert.Equal(["sm_75/trt-11.1.0.106", "cpu-x64-avx2/ort-1.29.0-cpu"], found.Lanes!.Value.Select(l => l.ToString()));
        Assert.Equal("11111111-2222-3333-4444-555555555555", found.Tenant);
        Assert.Empty(found.Overridden);
    }

    [Fact]
    public void Find_VariableOfTheProcess_WinsAndIsTold()
    {
        Write("dev", "PIPELINE_API_AUDIENCE=\"api://file\"\nPIPELINE_STORAGE_ACCOUNT=\"same\"");
        variables["PIPELINE_API_AUDIENCE"] = "api://own";
        variables["PIPELINE_STORAGE_ACCOUNT"] = "same";

        DeployedEnvironment found = Find("dev");

        Assert.Equal("api://own", found.Audience);
        Assert.Equal(["PIPELINE_API_AUDIENCE"], found.Overridden);
    }

    [Fact]
    public void Find_NoSuchEnvironment_ListsThoseThatAreThere()
    {
        Write("prod", "");
        Write("dev", "");
        Directory.CreateDirectory(folder.PathOf("empty"));

        CommandException fault = Assert.Throws<CommandException>(() => Find("test").Functions);

        Assert.Equal(ExitCodes.NoEnvironment, fault.ExitCode);
        Assert.Contains("no environment 'test' in .azure (there are 'dev', 'prod')", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NoFileButVariables_IsEnough()
    {
        variables["PIPELINE_FUNCTIONS_URL"] = "https://func.azurewebsites.net";

        Assert.Equal("func.azurewebsites.net", Find("ci").Functions.Host);
    }

    [Fact]
    public void Ask_ValueIsMissing_NamesItAndHowToGetIt()
    {
        Write("dev", "PIPELINE_FUNCTIONS_URL=\"https://func-dev.azurewebsites.net\"");

        CommandException fault = Assert.Throws<CommandException>(() => Find("dev").Audience);

        Assert.Contains("no PIPELINE_API_AUDIENCE", fault.Message, StringComparison.Ordinal);
        Assert.Contains("azd env refresh -e dev", fault.Message, StringComparison.Ordinal);
        Assert.Null(Find("dev").Lanes);
        Assert.Null(Find("dev").Tenant);
    }

    [Theory]
    [InlineData("PIPELINE_FUNCTIONS_URL", "http://func.azurewebsites.net")]
    [InlineData("PIPELINE_FUNCTIONS_URL", "https://func.azurewebsites.net/other/path")]
    [InlineData("PIPELINE_FUNCTIONS_URL", "func.azurewebsites.net")]
    [InlineData("PIPELINE_API_AUDIENCE", "api://a b")]
    [InlineData("PIPELINE_STORAGE_ACCOUNT", "http://storage")]
    [InlineData("PIPELINE_STORAGE_ACCOUNT", "Upper_Case")]
    [InlineData("PIPELINE_SERVICEBUS_NAMESPACE", "https://sb.servicebus.windows.net/")]
    [InlineData("PIPELINE_LANES", "nothing")]
    public void Ask_ValueIsWrong_SaysWhatItShouldBe(string key, string value)
    {
        Write("dev", $"{key}=\"{value}\"");
        DeployedEnvironment found = Find("dev");

        CommandException fault = Assert.Throws<CommandException>(() => key switch
        {
            "PIPELINE_FUNCTIONS_URL" => (object)found.Functions,
            "PIPELINE_API_AUDIENCE" => found.Audience,
            "PIPELINE_STORAGE_ACCOUNT" => found.Blobs,
            "PIPELINE_SERVICEBUS_NAMESPACE" => found.ServiceBus,
            _ => found.Lanes!,
        });

        Assert.Contains($"{key} of environment 'dev' is '{value}'; it should be like", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../dev")]
    [InlineData("/etc")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("")]
    public void Find_PathInsteadOfAName_IsRefused(string name) =>
        Assert.Equal(ExitCodes.Usage, Assert.Throws<CommandException>(() => Find(name)).ExitCode);

    [Fact]
    public void Find_LinkToAnotherPlace_IsNotFollowed()
    {
        Write("dev", "PIPELINE_FUNCTIONS_URL=\"https://elsewhere.example\"");
        Directory.CreateSymbolicLink(folder.PathOf("folder"), folder.PathOf("dev"));
        Directory.CreateDirectory(folder.PathOf("file"));
        File.CreateSymbolicLink(folder.PathOf("file", ".env"), folder.PathOf("dev", ".env"));

        foreach (string name in new[] { "folder", "file" })
            Assert.Contains("is a link", Assert.Throws<CommandException>(() => Find(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_FileIsGarbage_SaysWhichLineAndHidesIt()
    {
        Write("dev", "FINE=\"1\"\npassword hunter2");

        CommandException fault = Assert.Throws<CommandException>(() => Find("dev"));

        Assert.Contains("line 2", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(folder.PathOf(name));
        File.WriteAllText(folder.PathOf(name, ".env"), text);
    }

    private DeployedEnvironment Find(string name) =>
        DeployedEnvironment.Find(new AzdEnvironments(folder.Root), name, variables.GetValueOrDefault);
}
