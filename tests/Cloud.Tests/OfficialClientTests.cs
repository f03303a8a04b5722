using System.Text;
using System.Text.Json;
using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Naming;
using Pipeline.Core.Signing;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests;

/// <summary>What the stores write, read by Microsoft's own clients of another language.</summary>
public sealed class OfficialClientTests(CloudFixture cloud)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_AndBlobs_AreReadByTheJavaScriptClients()
    {
        var id = new ModelVersion(cloud.NewName("model"), "1");
        string target = cloud.NewTarget();
        string key = Samples.Digest(target);
        await WriteAsync(id, target, key);

        await using ChildProcess node = ChildProcess.Start(
            "node",
            [
                Repository.PathOf("tests", "Cloud.Tests", "read-with-official-clients.mjs"),
                cloud.Azurite.ConnectionString, id.Model, target, key,
            ]);
        string line = await node.WaitForLineAsync(
            l => l.StartsWith('{'), "the clients have read everything", Cancel);

        JsonElement read = JsonSerializer.Deserialize<JsonElement>(line);
        Assert.Equal(
            $$"""
            {"state":"Accepted","open":true,"number":"1","reasonLength":200000,"nextNumber":"2","stable":"1",
            "rows":["history|9223372036854775806","outbox|0000000000000000001","revision","route|{{id.Model}}"],
            "payloadType":"{{SignedEnvelope.RouteSnapshotType}}","revision":1,"engine":"abc"}
            """.ReplaceLineEndings(""),
            read.GetRawText());
    }

    private async Task WriteAsync(ModelVersion id, string target, string key)
    {
        var promotions = new PromotionStore(cloud.Clients);
        await promotions.AcceptAsync(
            Samples.Promotion(id, 1) with { StateReason = new string('x', 200_000) },
            await promotions.ReadHeadAsync(id.Model, Cancel),
            replaced: null,
            Cancel);
        var routes = new RouteStore(cloud.Clients);
        await routes.ApplyAsync(
            Samples.Change(0, null, Samples.Route(id.Model, target, "1")), Samples.Now, Cancel);
        using var folder = new TemporaryFolder();
        using DevelopmentSigner signer = DevelopmentSigner.Open(folder.PathOf("key.pem"));
        await Samples.Publisher(cloud.Clients).PublishAsync(target, signer, Cancel);
        var engines = new EngineStore(cloud.Clients);
        string digest = Samples.Digest("abc");
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("abc"));
        await engines.UploadEngineAsync(key, digest, content, Cancel);
        await engines.CommitAsync(Samples.Manifest(key, digest, "worker"), Cancel);
    }
}
