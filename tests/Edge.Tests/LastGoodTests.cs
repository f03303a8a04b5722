using System.Net;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Fleet;
using Pipeline.Core.Json;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>A restart forgets no engine that worked.</summary>
public sealed class LastGoodTests
{
    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stable_ThatDoesNotLoadAfterARestart_LeavesTheLastGoodServing()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        await edge.StopAsync();
        edge.Engines.Files.Clear();
        edge.Publish(edge.Route("add", edge.Version("add", "2", "not an engine"u8.ToArray())));

        await edge.RestartAsync();

        await edge.WaitReportAsync(
            r => r.Revision == 2 && r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed })
                && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving }),
            "both are reported");
        await AssertServesAsync(edge, 1);
        edge.Publish(edge.Route("add", edge.Version("add", "3", Second)));
        await edge.WaitServingAsync("add", "3");
    }

    [Fact]
    public async Task Stable_ThatIsYetToBeFetchedAfterARestart_FindsTheLastGoodServing()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        await edge.StopAsync();
        var gate = new TaskCompletionSource();
        edge.Engines.Gate = gate;
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));

        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "1");
        await EdgeHarness.Until(() => edge.Engines.Downloads.Count == 2, "the new one is on its way");
        await AssertServesAsync(edge, 1);

        gate.SetResult();
        await edge.WaitServingAsync("add", "2");
        await AssertServesAsync(edge, 2);
        Assert.Equal(1, edge.State.Swaps);
    }

    [Fact]
    public async Task Stable_ThatIsOnDisk_IsLoadedWithoutTheLastGood()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitServingAsync("add", "2");
        await edge.StopAsync();
        edge.Publish(edge.Route("add", edge.Version("add", "1", First)));

        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "1");

        // The first engine is still a spare file; the cached snapshot of the second may have been met before.
        Assert.InRange(edge.Shelf.Loads, 1, 2);
        Assert.Equal(2, edge.Engines.Downloads.Count);
    }

    [Fact]
    public async Task LastGood_OfAnotherModel_IsRefused()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        Route add = edge.Route("add", edge.Version("add", "1", First));
        edge.Publish(add, edge.Route("other", edge.Version("other", "1", Second)));
        await edge.WaitReadyAsync();
        await edge.StopAsync();
        string file = LastGoodFile(edge);
        File.Copy(file, Path.Combine(Path.GetDirectoryName(file)!, "other.json"), overwrite: true);
        edge.Routes.IsAway = true;
        edge.Engines.Files.Clear();
        File.Delete(Path.Combine(
            edge.CacheDirectory, "engines", Convert.ToHexStringLower(SHA256.HashData(Second)) + ".engine"));
        edge.Publish(
            add,
            edge.Route("other", edge.Version("other", "2", "not an engine"u8.ToArray())));

        await edge.RestartAsync();
        edge.Routes.IsAway = false;

        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Model: "other", Version: "1", Status: EdgeEngineStatus.Failed } && e.Reason
                == "StatementRefused: The engine's statement is for model 'add', not 'other'."),
            "it is refused");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.SendAsync(InferCall.Row("other", 0))).Status);
    }

    [Fact]
    public async Task LastGood_SignedByAStranger_IsRefused()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        await edge.StopAsync();
        string file = LastGoodFile(edge);
        using var stranger = new TestSigner();
        byte[] bytes = await File.ReadAllBytesAsync(file, Token);
        RoutedVersion version = PipelineJson.Read<RoutedVersion>(bytes.AsSpan(64));
        (string runtime, RoutedEngine engine) = version.Engines.Single();
        RoutedEngine forged = engine with
        {
            Statement = stranger.State(
                "add", "1", new(TestEngines.Probe.Targets[0], runtime), engine.EngineDigest),
        };
        await WriteAsync(file, PipelineJson.Write(version with { Engines = version.Engines.SetItem(runtime, forged) }));
        edge.Publish(edge.Route("add", edge.Version("add", "2", "not an engine"u8.ToArray())));

        await edge.RestartAsync();

        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Failed } && e.Reason
                == "StatementRefused: No signature of a trusted key fits the envelope."),
            "it is refused");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.SendAsync(InferCall.Row("add", 0))).Status);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("not JSON")]
    public async Task LastGood_ThatIsDamaged_IsDroppedAndWrittenAnew(string damage)
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        await edge.StopAsync();
        string file = LastGoodFile(edge);
        byte[] bytes = await File.ReadAllBytesAsync(file, Token);
        if (damage == "flipped") bytes[100] ^= 4;
        if (damage == "not JSON") await WriteAsync(file, "[]"u8.ToArray());
        else await File.WriteAllBytesAsync(file, damage == "empty" ? [] : bytes[..(damage == "cut" ? 90 : bytes.Length)], Token);

        await edge.RestartAsync();
        await edge.WaitReadyAsync();
        await EdgeHarness.Until(() => File.Exists(file), "it is noted again");

        await edge.StopAsync();
        edge.Publish(edge.Route("add", edge.Version("add", "2", "not an engine"u8.ToArray())));
        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "1");
    }

    [Fact]
    public async Task LastGood_OfAModelThatIsNoLongerRouted_IsForgotten()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        string file = LastGoodFile(edge);
        edge.Publish(edge.Route("other", edge.Version("other", "1", Second)));
        await edge.WaitServingAsync("other", "1");
        await EdgeHarness.Until(() => !File.Exists(file), "it is forgotten");
    }

    private static string LastGoodFile(EdgeHarness edge) => Assert.Single(Directory.GetFiles(
        Path.Combine(edge.CacheDirectory, "last-good"), "add.json", SearchOption.AllDirectories));

    private static Task WriteAsync(string file, byte[] content) => File.WriteAllBytesAsync(
        file, [.. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content))), .. content], Token);

    private static async Task AssertServesAsync(EdgeHarness edge, int version)
    {
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal($"{version}", answer.Version);
        Assert.Equal(version, answer.Floats()[0]);
    }
}
