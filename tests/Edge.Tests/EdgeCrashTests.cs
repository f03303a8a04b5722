using System.Net;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Pipeline.Cloud;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Fleet;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests;

/// <summary>The program itself with an engine that ends the process, and a test that starts it again as a container is.</summary>
public sealed class EdgeCrashTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Listening = "edge listening on ";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Candidate_ThatCrashesTheProcess_DoesNotKeepTheStableOneFromServing()
    {
        byte[] crashing = TestEngines.Build(TinyOnnx.Add(2));
        await using var clients = new CloudClients(new CloudOptions { Storage = azurite.ConnectionString });
        await CloudSetup.EnsureAsync(clients, Token);
        await using EdgeHarness maker = await EdgeHarness.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("trusted.json"), maker.TrustedKeysJson, Token);
        RoutedVersion stable = maker.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)));
        RoutedVersion candidate = maker.Version("add", "2", crashing);
        await PublishAsync(maker, clients, 1, maker.Route("add", stable));
        await using (ChildProcess first = Start(folder, crashing))
        {
            await AnswersAsync(first, "add", 1);
            await PublishAsync(maker, clients, 2, maker.Route("add", stable, candidate, 5_000));
            await CrashesAsync(first);
        }

        // One crash is a suspicion: it comes back, tells, and tries once more when everything else serves.
        await using (ChildProcess second = Start(folder, crashing))
        {
            await CrashesAsync(second);
            string loaded = $"Engine '{stable.Engines.Values.Single().EngineDigest}' is loaded and warm";
            Assert.Contains(second.Lines, l => l.Contains(loaded, StringComparison.Ordinal));
        }

        await using ChildProcess third = Start(folder, crashing);
        await AnswersAsync(third, "add", 1);
        FleetReport report = await ReportAsync(
            clients, folder, r => r.Revision == 2 && r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed }));
        Assert.StartsWith(
            "CrashedProcess: 2 processes ended while they loaded this engine;",
            report.Engines.Single(e => e.Version == "2").Reason, StringComparison.Ordinal);
        Assert.Equal(EdgeEngineStatus.Serving, report.Engines.Single(e => e.Version == "1").Status);

        // No crash loop: it goes on following routes and loading engines in the same process.
        Route next = maker.Route("next", maker.Version("next", "1", TestEngines.Build(TinyOnnx.Add(3))));
        await PublishAsync(maker, clients, 3, maker.Route("add", stable, candidate, 5_000), next);
        await AnswersAsync(third, "next", 3);
        await AnswersAsync(third, "add", 1);
        third.Terminate();
        Assert.Equal(0, await third.WaitForExitAsync(Token));
    }

    [Fact]
    public async Task Stable_ThatCrashesTheProcess_LeavesTheLastGoodServing()
    {
        byte[] crashing = TestEngines.Build(TinyOnnx.Add(2));
        await using var clients = new CloudClients(new CloudOptions { Storage = azurite.ConnectionString });
        await CloudSetup.EnsureAsync(clients, Token);
        await using EdgeHarness maker = await EdgeHarness.StartAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("trusted.json"), maker.TrustedKeysJson, Token);
        await PublishAsync(maker, clients, 1, maker.Route("add", maker.Version("add", "1", TestEngines.Build(TinyOnnx.Add(1)))));
        await using (ChildProcess first = Start(folder, crashing))
        {
            await AnswersAsync(first, "add", 1);
            await PublishAsync(maker, clients, 2, maker.Route("add", maker.Version("add", "2", crashing)));
            await CrashesAsync(first);
        }

        await using ChildProcess second = Start(folder, crashing, ("Edge__RoutePollInterval", "00:00:30"));
        await AnswersAsync(second, "add", 1);
        FleetReport report = await ReportAsync(
            clients, folder, r => r.Revision == 2 && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving }));
        Assert.StartsWith(
            "CrashedProcess: The process ended while it loaded this engine;",
            report.Engines.Single(e => e.Version == "2").Reason, StringComparison.Ordinal);
    }

    private static async Task CrashesAsync(ChildProcess edge)
    {
        Assert.NotEqual(0, await edge.WaitForExitAsync(Token));
        Assert.Contains(edge.Lines, l => l.Contains("The engine crashed.", StringComparison.Ordinal));
    }

    private static async Task AnswersAsync(ChildProcess edge, string model, int version)
    {
        string line = await edge.WaitForLineAsync(
            l => l.StartsWith(Listening, StringComparison.Ordinal), "the edge listens", Token);
        using var client = new HttpClient { BaseAddress = new Uri(line[Listening.Length..]) };
        await Eventually.Async(
            async c =>
            {
                using HttpRequestMessage request = InferCall.Row(model, 0).With("x-route-tag", "stable");
                using HttpResponseMessage answer = await client.SendAsync(request, c);
                return answer.StatusCode == HttpStatusCode.OK && (await answer.Content.ReadAsStringAsync(c))
                    .Contains($"[{version},{version},{version},{version}]", StringComparison.Ordinal);
            },
            $"'{model}' answers",
            Token);
    }

    private static Task<FleetReport> ReportAsync(
        CloudClients clients, TemporaryFolder folder, Func<FleetReport, bool> fits) => Eventually.Async(
        async c => (await new FleetStore(clients).ListAsync(TestEngines.Probe.Targets[0], c))
            .Where(m => m.Report.Edge == EdgeIn(folder)).Select(m => m.Report).FirstOrDefault(fits),
        "it is reported",
        Token);

    private static async Task PublishAsync(EdgeHarness maker, CloudClients clients, long revision, params Route[] routes)
    {
        foreach ((string digest, byte[] engine) in maker.Engines.Files)
        {
            Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(engine)));
            await new EngineStore(clients).UploadEngineAsync(new string('a', 64), digest, new MemoryStream(engine), Token);
        }

        BlobClient blob = clients.Container(EntityNames.RoutesContainer)
            .GetBlobClient(EntityNames.SnapshotBlob(TestEngines.Probe.Targets[0]));
        await blob.UploadAsync(new BinaryData(maker.Snapshot(revision, routes)), overwrite: true, Token);
    }

    private static string EdgeIn(TemporaryFolder folder) => Path.GetFileName(folder.Root);

    private ChildProcess Start(TemporaryFolder folder, byte[] crashing, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string?>
        {
            ["DOTNET_STARTUP_HOOKS"] = typeof(CrashingBackend).Assembly.Location,
            ["DOTNET_DbgEnableMiniDump"] = "0",
            [CrashingBackend.Variable] = Convert.ToHexStringLower(SHA256.HashData(crashing)),
            ["Pipeline__Storage"] = azurite.ConnectionString,
            ["Edge__EdgeId"] = EdgeIn(folder),
            ["Edge__Urls"] = "http://127.0.0.1:0",
            ["Edge__TrustedKeys"] = folder.PathOf("trusted.json"),
            ["Edge__CacheDirectory"] = folder.PathOf("cache"),
            ["Edge__RoutePollInterval"] = "00:00:00.5",
            ["Edge__ReportInterval"] = "00:00:00.5",
        };
        foreach ((string name, string value) in more) environment[name] = value;
        return ChildProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "Pipeline.Edge"), [], environment, folder.Root);
    }
}
