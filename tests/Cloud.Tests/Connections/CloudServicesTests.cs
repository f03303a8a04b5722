using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Signing;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Connections;

public sealed class CloudServicesTests(CloudFixture cloud)
{
    [Fact]
    public async Task Services_FromSettings_WorkOnTheStorage()
    {
        using var folder = new TemporaryFolder();
        await using ServiceProvider services = Provider(
            ("Storage", cloud.Azurite.ConnectionString),
            ("ServiceBus", "Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k"),
            ("Signing:KeyFile", folder.PathOf("key.pem")));
        CancellationToken cancel = TestContext.Current.CancellationToken;

        await CloudSetup.EnsureAsync(services.GetRequiredService<CloudClients>(), cancel);

        var engines = services.GetRequiredService<EngineStore>();
        Assert.Null(await engines.TryReadManifestAsync(Samples.Digest("none"), cancel));
        Assert.Equal(0, await services.GetRequiredService<OutboxSender>().SendAsync(cloud.NewTarget(), cancel));
        Assert.Equal(64, (await services.GetRequiredService<ISigner>().SignAsync([1], cancel)).Length);
        Assert.Same(services.GetRequiredService<BuildQueue>(), services.GetRequiredService<BuildQueue>());
        CloudClients clients = services.GetRequiredService<CloudClients>();
        Assert.Same(clients.Sender("queue"), clients.Sender("queue"));
    }

    [Theory]
    [InlineData("Storage", "'Pipeline:Storage'")]
    [InlineData("ServiceBus", "'Pipeline:ServiceBus'")]
    [InlineData("BlobServiceUri", "'Pipeline:Storage'")]
    public void Settings_ThatLackAConnection_NameTheSetting(string missing, string inMessage)
    {
        (string, string)[] all =
        [
            ("BlobServiceUri", "https://a.blob.core.windows.net"),
            ("TableServiceUri", "https://a.table.core.windows.net"),
            ("ServiceBus", "Endpoint=sb://localhost;"),
        ];
        string without = missing == "Storage" ? "TableServiceUri" : missing;
        using ServiceProvider services = Provider([.. all.Where(s => s.Item1 != without)]);

        var error = Assert.Throws<OptionsValidationException>(
            () => services.GetRequiredService<IOptions<CloudOptions>>().Value);

        Assert.Contains(inMessage, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_WithIdentity_OpenTheNamedAccountWithoutAnyRequest()
    {
        await using ServiceProvider services = Provider(
            ("BlobServiceUri", "https://a.blob.core.windows.net"),
            ("TableServiceUri", "https://a.table.core.windows.net"),
            ("ServiceBusNamespace", "a.servicebus.windows.net"));

        CloudClients clients = services.GetRequiredService<CloudClients>();

        Assert.Equal("https://a.blob.core.windows.net/models", clients.Container("models").Uri.ToString());
        Assert.Equal("a.servicebus.windows.net", clients.ServiceBus.FullyQualifiedNamespace);
        Assert.Equal("a", clients.Tables.AccountName);
    }

    [Fact]
    public void Signing_WithBothKeysOrNone_IsRefused()
    {
        foreach ((string, string)[] settings in new (string, string)[][]
        {
            [],
            [("Signing:KeyFile", "key.pem"), ("Signing:KeyVaultKey", "https://v.vault.azure.net/keys/k/1")],
        })
        {
            using ServiceProvider services = Provider(settings);
            Assert.Throws<OptionsValidationException>(services.GetRequiredService<ISigner>);
        }
    }

    private static ServiceProvider Provider(params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s =>
                new KeyValuePair<string, string?>($"{CloudOptions.Section}:{s.Name}", s.Value)))
            .Build();
        return new ServiceCollection()
            .AddPipelineCloud(configuration)
            .AddPipelineMessages()
            .AddPipelineSigning(configuration)
            .BuildServiceProvider();
    }
}
