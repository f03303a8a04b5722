using System.Net;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Tests.Support;

namespace Pipeline.Edge.Tests;

/// <summary>Storage that is away and disks that fail: one reason each, then as if nothing had been.</summary>
public sealed class CacheFaultTests
{
    private static readonly byte[] First = TestEngines.Build(TinyOnnx.Add(1));
    private static readonly byte[] Second = TestEngines.Build(TinyOnnx.Add(2));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Storage_AwayAtTheFirstStart_IsWaitedFor()
    {
        await using EdgeHarness edge = await EdgeHarness.StartAsync();
        edge.Routes.IsAway = true;
        edge.Publish(edge.Route("add", edge.Version("add", "1", First)));
        int reads = edge.Routes.Reads;
        await EdgeHarness.Until(() => edge.Routes.Reads > reads + 2, "several reads have failed");
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable, (await edge.SendAsync(new(HttpMethod.Get, "/v2/health/ready"))).Status);

        edge.Routes.IsAway = false;
        await edge.WaitReadyAsync();
        await AssertServesAsync(edge, 1);
    }

    [Fact]
    public async Task Storage_AwayAtARestartBeforeAnEngineWasFetched_LeavesTheLastGoodServing()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        RoutedVersion second = edge.Version("add", "2", Second);
        string digest = second.Engines.Values.Single().EngineDigest;
        edge.Engines.Files.Clear();
        edge.Publish(edge.Route("add", second));
        await edge.WaitReportAsync(
            r => r.Revision == 2 && r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Loading, Reason: not null }),
            "it is missed");
        edge.Routes.IsAway = true;

        await edge.RestartAsync();
        await edge.WaitReportAsync(
            r => r.Revision == 2 && r.Engines.Any(e => e is { Version: "1", Status: EdgeEngineStatus.Serving })
                && r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Loading }
                    && e.Reason == "DownloadFailed: The download failed: There is no such engine."),
            "both are reported");
        await AssertServesAsync(edge, 1);

        edge.Engines.Files[digest] = Second;
        await edge.WaitServingAsync("add", "2");
        await AssertServesAsync(edge, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task EngineFile_CutShort_IsFetchedAgain(int length)
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        await edge.StopAsync();
        string file = Assert.Single(Directory.GetFiles(Path.Combine(edge.CacheDirectory, "engines")));
        await File.WriteAllBytesAsync(file, First[..length], Token);

        await edge.RestartAsync();
        await edge.WaitReadyAsync();

        await AssertServesAsync(edge, 1);
        Assert.Equal(2, edge.Engines.Downloads.Count);
        Assert.Equal(First, await File.ReadAllBytesAsync(file, Token));
    }

    [Fact]
    public async Task EngineFile_ThatCannotBeOpened_IsKept()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        await edge.StopAsync();
        string file = Assert.Single(Directory.GetFiles(Path.Combine(edge.CacheDirectory, "engines")));
        await using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await edge.RestartAsync();
            await edge.WaitReportAsync(
                r => r.Engines.Any(e => e is { Status: EdgeEngineStatus.Loading, Reason: not null }
                    && e.Reason.StartsWith("CacheFailed: The cache folder cannot be used: ", StringComparison.Ordinal)),
                "it is reported");
        }

        await edge.WaitReadyAsync();
        Assert.Single(edge.Engines.Downloads);
    }

    [Fact]
    public async Task EngineFiles_OutOfUse_MakeRoomInTheOrderOfTheirLastUse()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        string folder = Path.Combine(edge.CacheDirectory, "engines");
        string first = Assert.Single(Directory.GetFiles(folder));
        await edge.StopAsync();
        File.SetLastWriteTimeUtc(first, DateTime.UnixEpoch);
        for (int spare = 0; spare < 8; spare++)
        {
            string other = Path.Combine(folder, $"{new string((char)('0' + spare), 64)}.engine");
            await File.WriteAllBytesAsync(other, First, Token);
            File.SetLastWriteTimeUtc(other, DateTime.UnixEpoch.AddDays(1 + spare));
        }

        await edge.RestartAsync();
        await edge.WaitReadyAsync();
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitServingAsync("add", "2");

        await EdgeHarness.Until(() => !File.Exists(Path.Combine(folder, $"{new string('0', 64)}.engine")), "the oldest one went");
        Assert.True(File.Exists(first));
    }

    [Fact]
    public async Task SnapshotFile_CutShort_IsReportedUntilTheStorageIsBack()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        edge.Routes.IsAway = true;
        await edge.StopAsync();
        string file = Assert.Single(Directory.GetFiles(edge.CacheDirectory, "routes-*.json"));
        byte[] whole = await File.ReadAllBytesAsync(file, Token);
        await File.WriteAllBytesAsync(file, whole[..(whole.Length / 2)], Token);

        await edge.RestartAsync();
        await edge.WaitReportAsync(r => r is { Revision: 0, SnapshotFault: not null }, "the fault is reported");

        edge.Routes.IsAway = false;
        await edge.WaitReportAsync(r => r is { Revision: 1, SnapshotFault: null }, "the storage's own is followed");
        await EdgeHarness.Until(() => File.ReadAllBytes(file).AsSpan().SequenceEqual(whole), "it is kept again");
    }

    [Fact]
    public async Task Disk_FullDuringADownload_IsReportedAndSpareEnginesMakeRoom()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", First);
        edge.Publish(edge.Route("add", edge.Version("add", "2", Second)));
        await edge.WaitServingAsync("add", "2");
        string folder = Path.Combine(edge.CacheDirectory, "engines");
        Assert.Equal(2, Directory.GetFiles(folder).Length);

        edge.Engines.IsDiskFull = true;
        edge.Publish(edge.Route("add", edge.Version("add", "3", TestEngines.Build(TinyOnnx.Add(3)))));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "3", Status: EdgeEngineStatus.Loading, Reason: not null }
                && e.Reason.StartsWith("CacheFailed: The cache folder cannot be used: No space left", StringComparison.Ordinal)),
            "the full disk is reported");
        await AssertServesAsync(edge, 2);
        await EdgeHarness.Until(() => Directory.GetFiles(folder, "*.engine").Length == 1, "the spare engine made room");

        edge.Engines.IsDiskFull = false;
        await edge.WaitServingAsync("add", "3");
        Assert.Empty(Directory.GetFiles(folder, "*.part"));
    }

    [Fact]
    public async Task CacheFolder_ThatCannotBeUsedAtAll_IsReportedAndHeals()
    {
        string? path = null;
        await using EdgeHarness edge = await EdgeHarness.StartAsync(o =>
        {
            path = o.CacheDirectory;
            File.WriteAllText(path, "in the way");
            return o;
        });
        edge.Publish(edge.Route("add", edge.Version("add", "1", First)));
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Status: EdgeEngineStatus.Loading, Reason: not null }
                && e.Reason.StartsWith("CacheFailed: The cache folder cannot be used: ", StringComparison.Ordinal)),
            "the folder is reported");

        File.Delete(path!);
        await edge.WaitReadyAsync();
        await EdgeHarness.Until(() => Directory.GetFiles(path!, "routes-*.json").Length == 1, "the routes are kept late");
        edge.Routes.IsAway = true;
        edge.Engines.Files.Clear();
        await edge.RestartAsync();
        await edge.WaitReadyAsync();
        await AssertServesAsync(edge, 1);
    }

    private static async Task AssertServesAsync(EdgeHarness edge, int version)
    {
        InferAnswer answer = await edge.SendAsync(InferCall.Row("add", 0));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal($"{version}", answer.Version);
        Assert.Equal(version, answer.Floats()[0]);
    }
}
