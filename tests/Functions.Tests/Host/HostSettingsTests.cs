using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.EmbeddedHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.Host;

public sealed class HostSettingsTests
{
    [Fact]
    public void Load_OfTheRepositorysFile_HasItsValues()
    {
        HostSettings settings = HostSettings.Load(Repository.PathOf("host.json"));

        Assert.Equal(TimeSpan.FromMinutes(10), settings.FunctionTimeout);
        Assert.Equal("api", settings.RoutePrefix);
        Assert.Equal(8, settings.Processor.MaxConcurrentCalls);
        Assert.False(settings.Processor.AutoCompleteMessages);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.Processor.MaxAutoLockRenewalDuration);
        Assert.Equal("Information", settings.LogLevels["default"]);
    }

    [Fact]
    public void Load_OfTheLeast_HasTheOfficialDefaults()
    {
        HostSettings settings = Load("""{ "version": "2.0" }""");

        Assert.Equal(TimeSpan.FromMinutes(30), settings.FunctionTimeout);
        Assert.Equal(16 * Environment.ProcessorCount, settings.Processor.MaxConcurrentCalls);
        Assert.True(settings.Processor.AutoCompleteMessages);
        Assert.Equal(3, settings.Client.RetryOptions.MaxRetries);
    }

    [Fact]
    public void Load_OfRetriesAndNoTimeLimit_HasThem()
    {
        HostSettings settings = Load("""
            { "version": "2.0", "functionTimeout": "-1", "extensions": { "serviceBus": {
              "prefetchCount": 5, "maxConcurrentSessions": 3,
              "clientRetryOptions": { "mode": "fixed", "tryTimeout": "00:00:07", "maxRetries": 9 } } } }
            """);

        Assert.Null(settings.FunctionTimeout);
        Assert.Equal(5, settings.Processor.PrefetchCount);
        Assert.Equal(TimeSpan.FromSeconds(7), settings.Client.RetryOptions.TryTimeout);
        Assert.Equal(9, settings.Client.RetryOptions.MaxRetries);
    }

    [Theory]
    [InlineData("{ }", "'version' must be \"2.0\"")]
    [InlineData("""{ "version": "1.0" }""", "'version' must be \"2.0\"")]
    [InlineData("null", "host.json: ")]
    [InlineData("[]", "host.json: ")]
    [InlineData("", "host.json: ")]
    [InlineData("""{ "version": "2.0", """, "(line 1)")]
    [InlineData("""{ "version": "2.0", "functionTimeOuts": "00:01:00" }""", "'functionTimeOuts'")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "soon" }""", "'functionTimeout' must be a time")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "-00:01:00" }""", "'functionTimeout' must be a time")]
    [InlineData("""{ "version": "2.0", "functionTimeout": 5 }""", "'functionTimeout' (line 1)")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "maxCalls": 1 } } }""",
        "'extensions.serviceBus.maxCalls'")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": 0 } } }""",
        "'extensions.serviceBus.maxConcurrentCalls' must be")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": "8" } } }""",
        "'extensions.serviceBus.maxConcurrentCalls' (line 1)")]
    [InlineData("""
        { "version": "2.0", "extensions": { "serviceBus": { "maxAutoLockRenewalDuration": "-00:01:00" } } }
        """, "'extensions.serviceBus.maxAutoLockRenewalDuration' must")]
    [InlineData("""
        { "version": "2.0", "extensions": { "serviceBus": { "clientRetryOptions": { "maxRetries": -1 } } } }
        """, "'extensions.serviceBus.clientRetryOptions.maxRetries' is out of range")]
    [InlineData("""{ "version": "2.0", "extensions": { "kafka": { } } }""", "'extensions.kafka'")]
    public void Load_OfAFault_NamesTheSetting(string json, string said)
    {
        var fault = Assert.Throws<FunctionWorkerException>(() => Load(json));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfNoFile_SaysWhereItBelongs()
    {
        var fault = Assert.Throws<FunctionWorkerException>(() => HostSettings.Load("nowhere/host.json"));
        Assert.Contains("add host.json", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocalSettings_AreBelowWhatIsSetElsewhere()
    {
        await using TestHost host = TestHost.With(
            localSettings: """{ "IsEncrypted": false, "Values": { "Bus__name": "local", "Other": "local" } }""",
            hostJson: """{ "version": "2.0", "logging": { "logLevel": { "default": "Error" } } }""",
            arguments: ["--Other=argument"]);

        IConfiguration configuration = host.Build().Services.GetRequiredService<IConfiguration>();

        Assert.Equal("local", configuration["Bus:name"]);
        Assert.Equal("argument", configuration["Other"]);
        Assert.Equal("Error", configuration["Logging:LogLevel:Default"]);
    }

    [Theory]
    [InlineData("""{ "IsEncrypted": true, "Values": { } }""")]
    [InlineData("""{ "Values": { "A": 5 } }""")]
    [InlineData("""{ "Values": [] }""")]
    [InlineData("""{ "Values": """)]
    public async Task LocalSettings_OfAFault_NameTheFile(string json)
    {
        await using TestHost host = TestHost.With(localSettings: json);
        var fault = Assert.Throws<FunctionWorkerException>(() => host.Build());
        Assert.StartsWith("local.settings.json: ", fault.Message, StringComparison.Ordinal);
    }

    private static HostSettings Load(string json)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("host-json-");
        try
        {
            string path = Path.Combine(folder.FullName, "host.json");
            File.WriteAllText(path, json);
            return HostSettings.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
