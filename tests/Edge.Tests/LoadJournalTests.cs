using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Core.Fleet;
using Pipeline.Core.Routing;
using Pipeline.Edge.Loading;
using Pipeline.Edge.Tests.Support;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests;

/// <summary>What an earlier process left behind when it ended in the middle of a load.</summary>
public sealed class LoadJournalTests
{
    private static readonly string Digest = new('d', 64);

    [Fact]
    public void Mark_OfAProcessThatEnded_IsACrashUntilTheEngineLoads()
    {
        using var folder = new TemporaryFolder();
        LeaveMark(folder.Root, Digest);
        using (LoadJournal first = Open(folder))
        {
            Assert.Equal(1, first.Crashes[Digest]);
            Assert.Equal(1, first.Found);
        }

        LeaveMark(folder.Root, Digest);
        using (LoadJournal second = Open(folder))
        {
            Assert.Equal(2, second.Crashes[Digest]);
            using (second.Begin(Digest)) second.Forgive(Digest);
        }

        using LoadJournal third = Open(folder);
        Assert.Empty(third.Crashes);
        Assert.Empty(Directory.GetFiles(folder.PathOf("loads")));
    }

    [Fact]
    public void Marks_OfAPowerCutUnderSeveralEdges_AreOneCrash()
    {
        using var folder = new TemporaryFolder();
        for (int edge = 0; edge < 8; edge++) LeaveMark(folder.Root, Digest);
        using LoadJournal journal = Open(folder);
        Assert.Equal(1, journal.Crashes[Digest]);
        Assert.Equal(1, journal.Found);
        Assert.Equal([folder.PathOf("loads", Digest + ".crashes")], Directory.GetFiles(folder.PathOf("loads")));
    }

    [Fact]
    public void Mark_OfAProcessThatLives_IsNoCrash()
    {
        using var folder = new TemporaryFolder();
        using LoadJournal loading = Open(folder);
        using IDisposable mark = loading.Begin(Digest);
        using LoadJournal other = Open(folder);
        Assert.Empty(other.Crashes);
        Assert.Single(Directory.GetFiles(folder.PathOf("loads")));
    }

    [Fact]
    public void Mark_OfAProcessThatIsToldToStop_IsTakenAway()
    {
        using var folder = new TemporaryFolder();
        ApplicationLifetime lifetime = Lifetime();
        using var journal = new LoadJournal(folder.Root, lifetime, NullLogger<LoadJournal>.Instance);
        using IDisposable mark = journal.Begin(Digest);
        lifetime.StopApplication();
        Assert.Empty(Directory.GetFiles(folder.PathOf("loads")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    public void Count_ThatIsDamaged_StandsForOneCrash(string text)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("loads"));
        File.WriteAllText(folder.PathOf("loads", Digest + ".crashes"), text);
        File.WriteAllText(folder.PathOf("loads", "stray.loading"), "");
        using LoadJournal journal = Open(folder);
        Assert.Equal((Digest, 1), journal.Crashes.Select(c => (c.Key, c.Value)).Single());
        Assert.Equal(0, journal.Found);
    }

    [Fact]
    public void Journal_WithoutAFolder_LetsEnginesLoad()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("loads"), "in the way");
        using LoadJournal journal = Open(folder);
        using (journal.Begin(Digest)) journal.Forgive(Digest);
        Assert.Empty(journal.Crashes);
    }

    [Fact]
    public async Task Engine_WithOneCrash_IsReportedAndTriedAfterAllOthers()
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", Engine(1));
        RoutedVersion suspect = edge.Version("add", "2", Engine(2));
        await edge.StopAsync();
        LeaveMark(edge.CacheDirectory, suspect.Engines.Values.Single().EngineDigest);
        edge.Publish(
            edge.Route("add", suspect), edge.Route("other", edge.Version("other", "1", Engine(3))));
        var gate = new TaskCompletionSource();
        edge.Engines.Gate = gate;

        await edge.RestartAsync();
        await edge.WaitReportAsync(
            r => r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Loading } && e.Reason
                == "CrashedProcess: The process ended while it loaded this engine; it is tried again when all others are settled.")
                && r.Engines.Any(e => e is { Model: "add", Version: "1", Status: EdgeEngineStatus.Serving }),
            "the suspicion is reported while the last good engine serves");
        await EdgeHarness.Until(() => edge.Engines.Downloads.Count == 2, "the other one is fetched");
        Assert.DoesNotContain(suspect.Engines.Values.Single().EngineDigest, edge.Engines.Downloads);
        Assert.Equal(1, edge.Shelf.Figures.FailuresByKind.Single(f => f.Key == EngineFaultKind.CrashedProcess).Value);

        gate.SetResult();
        await edge.WaitServingAsync("add", "2");
        Assert.Equal(Digests(edge, suspect), edge.Engines.Downloads);
        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "2");
        Assert.Equal(0, edge.Shelf.Failures);
    }

    [Theory]
    [InlineData(2, 600)]
    [InlineData(4, 2_400)]
    [InlineData(1_000, 3_600)]
    public async Task Engine_WithTwoCrashes_WaitsLongAndHoldsNobodyUp(int crashes, int seconds)
    {
        await using EdgeHarness edge = await EdgeHarness.ServeAsync("add", Engine(1));
        RoutedVersion stable = edge.Version("add", "1", Engine(1));
        RoutedVersion suspect = edge.Version("add", "2", Engine(2));
        await edge.StopAsync();
        string digest = suspect.Engines.Values.Single().EngineDigest;
        File.WriteAllText(Path.Combine(edge.CacheDirectory, "loads", digest + ".crashes"), $"{crashes}");
        edge.Publish(edge.Route("add", stable, suspect, 5_000));

        await edge.RestartAsync();
        await edge.WaitServingAsync("add", "1");
        edge.Publish(
            edge.Route("add", stable, suspect, 5_000), edge.Route("other", edge.Version("other", "1", Engine(3))));
        await edge.WaitServingAsync("other", "1");
        await edge.WaitReportAsync(
            r => r.Revision == 3 && r.Engines.Any(e => e is { Version: "2", Status: EdgeEngineStatus.Failed } && e.Reason
                == $"CrashedProcess: {crashes} processes ended while they loaded this engine; it is tried again when this one has "
                    + $"run for {seconds} s."),
            "the crashes are reported");
        Assert.DoesNotContain(digest, edge.Engines.Downloads);
    }

    private static string[] Digests(EdgeHarness edge, RoutedVersion last) =>
    [
        edge.Version("add", "1", Engine(1)).Engines.Values.Single().EngineDigest,
        edge.Version("other", "1", Engine(3)).Engines.Values.Single().EngineDigest,
        last.Engines.Values.Single().EngineDigest,
    ];

    private static byte[] Engine(int number) => TestEngines.Build(TinyOnnx.Add(number));

    private static ApplicationLifetime Lifetime() => new(NullLogger<ApplicationLifetime>.Instance);

    private static LoadJournal Open(TemporaryFolder folder) =>
        new(folder.Root, Lifetime(), NullLogger<LoadJournal>.Instance);

    private static void LeaveMark(string directory, string digest)
    {
        string folder = Directory.CreateDirectory(Path.Combine(directory, "loads")).FullName;
        File.WriteAllText(Path.Combine(folder, $"{digest}.{Guid.NewGuid():N}.loading"), "loading");
    }
}
