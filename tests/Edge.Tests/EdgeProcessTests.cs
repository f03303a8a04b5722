using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Fleet;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Edge.Tests.Support;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests;

/// <summary>The program itself, against the storage emulator.</summary>
public sealed class EdgeProcessTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task Process_WithRoutesInStorage_ServesReportsAndStopsCleanly()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await using var clients = new CloudClients(new CloudOptions { Storage = azurite.ConnectionString });
        await CloudSetup.EnsureAsync(clients, cancellationToken);
        await using EdgeHarness maker = await EdgeHarness.StartAsync();
        using var folder = new TemporaryFolder();
        await PublishAsync(maker, clients, folder, cancellationToken);

        await using ChildProcess edge = Start(folder, azurite.ConnectionString);
        const string listening = "edge listening on ";
        string line = await edge.WaitForLineAsync(
            l => l.StartsWith(listening, StringComparison.Ordinal), "the edge listens", cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(line[listening.Length..]) };
        await Eventually.Async(
            async c => (await client.GetAsync("/v2/health/ready", c)).StatusCode == HttpStatusCode.OK,
            "the edge is ready", cancellationToken);
        using HttpRequestMessage request = InferCall.Row("add", 1);
        using HttpResponseMessage answer = await client.SendAsync(request, cancellationToken);
        JsonElement body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        Assert.Equal("[6,5,5,5]", body.GetProperty("outputs")[0].GetProperty("data").GetRawText());

        edge.Terminate();
        Assert.Equal(0, await edge.WaitForExitAsync(cancellationToken));
        FleetMember member = Assert.Single(
            await new FleetStore(clients).ListAsync(TestEngines.Probe.Targets[0], cancellationToken));
        Assert.Equal(1, member.Report.Revision);
        Assert.Equal(EdgeEngineStatus.Serving, Assert.Single(member.Report.Engines).Status);
        Assert.Equal(1, Assert.Single(member.Report.Counters).Requests);
        Assert.EndsWith($"-{client.BaseAddress.Port}", member.Report.Edge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_WithWrongSettings_NamesEachAndEnds()
    {
        using var folder = new TemporaryFolder();
        await using ChildProcess edge =
            Start(folder, azurite.ConnectionString, ("Edge__ExecutionLanes", "-1"), ("Edge__Target", "sm_90"));
        Assert.Equal(2, await edge.WaitForExitAsync(TestContext.Current.CancellationToken));
        Assert.Contains("'Edge:ExecutionLanes' must be 0 to 256.", edge.Lines);
        Assert.Contains(
            $"'Edge:TrustedKeys' is '{folder.PathOf("trusted.json")}'; name the file or folder of public keys.",
            edge.Lines);
        Assert.Contains(edge.Lines, l => l.StartsWith("Lane 'sm_90/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Edge__DeviceMemoryShortage", "Maybe")]
    [InlineData("Edge__SwapTimeout", "soon")]
    [InlineData("Edge__ExecutionLanes", "two")]
    [InlineData("OnnxRuntime__IntraOpThreads", "two")]
    public async Task Setting_ThatIsNotOfItsType_IsOneSentence(string name, string value)
    {
        using var folder = new TemporaryFolder();
        await using ChildProcess edge = Start(folder, "UseDevelopmentStorage=true", (name, value));
        Assert.Equal(2, await edge.WaitForExitAsync(TestContext.Current.CancellationToken));
        string setting = name.Replace("__", ":", StringComparison.Ordinal);
        Assert.StartsWith($"Failed to convert configuration value '{value}' at '{setting}'", Assert.Single(edge.Lines), StringComparison.Ordinal);
    }

    private static async Task PublishAsync(
        EdgeHarness maker, CloudClients clients, TemporaryFolder folder, CancellationToken cancellationToken)
    {
        byte[] engine = TestEngines.Build(TinyOnnx.Add(5));
        byte[] snapshot = maker.Snapshot(1, maker.Route("add", maker.Version("add", "1", engine)));
        string digest = Convert.ToHexStringLower(SHA256.HashData(engine));
        await new EngineStore(clients).UploadEngineAsync(
            new string('a', 64), digest, new MemoryStream(engine), cancellationToken);
        BlobClient blob = clients.Container(EntityNames.RoutesContainer)
            .GetBlobClient(EntityNames.SnapshotBlob(TestEngines.Probe.Targets[0]));
        await blob.UploadAsync(new BinaryData(snapshot), overwrite: true, cancellationToken);
        await File.WriteAllBytesAsync(folder.PathOf("trusted.json"), maker.TrustedKeysJson, cancellationToken);
    }

    private static ChildProcess Start(TemporaryFolder folder, string storage, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string?>
        {
            ["Pipeline__Storage"] = storage,
            ["Edge__Urls"] = "http://127.0.0.1:0",
            ["Edge__TrustedKeys"] = folder.PathOf("trusted.json"),
            ["Edge__CacheDirectory"] = folder.PathOf("cache"),
            ["Edge__RoutePollInterval"] = "00:00:00.1",
            ["Edge__ReportInterval"] = "00:00:00.5",
        };
        foreach ((string name, string value) in more) environment[name] = value;
        return ChildProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "Pipeline.Edge"), [], environment, folder.Root);
    }
}
