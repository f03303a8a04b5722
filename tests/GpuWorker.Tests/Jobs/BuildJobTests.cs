using System.Collections.Immutable;
using Azure.Storage.Blobs;
using Pipeline.Cloud;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Jobs;

public sealed class BuildJobTests(CloudFixture cloud)
{
    [Fact]
    public async Task Job_RealClassifier_ReportPassesBothGatesAndSecondVersionReusesTheEngine()
    {
        using var bench = new Workbench(cloud);
        BuildReport first = await bench.BuildAsync(await bench.RequestAsync(TestModels.Classifier()));
        BuildReport second = await bench.BuildAsync(await bench.RequestAsync(TestModels.Classifier()));

        Assert.Equal(Verdict.Passed, AccuracyGate.Judge(first.Accuracy, Workbench.Policy.Accuracy).Verdict);
        Assert.Equal(Verdict.Passed, BenchmarkGate.Judge(first.Benchmark, Workbench.Policy.Benchmark).Verdict);
        Assert.Equal("x", Assert.Single(first.Inputs).Name);
        Assert.Equal(["fetch", "build", "store", "accuracy", "benchmark"], first.Stages.Select(s => s.Stage));
        Assert.False(first.Reused);
        Assert.True(second.Reused);
        Assert.Equal((first.EngineKey, first.EngineDigest), (second.EngineKey, second.EngineDigest));
        Assert.DoesNotContain("build", second.Stages.Select(s => s.Stage));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(bench.Root, "jobs")));
    }

    [Fact]
    public async Task Job_LosesTheRaceToCommit_MeasuresTheWinnersEngine()
    {
        using var plain = new Workbench(cloud);
        BuildRequest request = await plain.RequestAsync(TestModels.Classifier());
        // Another key than the other tests have.
        request = request with { Policy = request.Policy with { Precision = cloud.NewName("race") } };
        using var winner = new Workbench(
            cloud, new HookedBackend(Workbench.Backend, options => options with { Optimize = false }));
        BuildReport? won = null;
        using var loser = new Workbench(cloud, new HookedBackend(Workbench.Backend, options =>
        {
#pragma warning disable xUnit1031 // The build is a blocking call on a thread of its own.
            won = winner.BuildAsync(request).GetAwaiter().GetResult();
#pragma warning restore xUnit1031
            return options;
        }));

        BuildReport lost = await loser.BuildAsync(request);

        Assert.False(won!.Reused);
        Assert.True(lost.Reused);
        Assert.Equal(won.EngineDigest, lost.EngineDigest);
        Assert.Single(await EngineBlobsAsync(won.EngineKey));
    }

    [Fact]
    public async Task Job_CommittedEngineIsGone_BuildsItAgain()
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 11));
        BuildReport first = await bench.BuildAsync(request);
        await EngineBlob(first).DeleteAsync(cancellationToken: Workbench.Cancel);

        BuildReport again = await bench.BuildAsync(request);

        Assert.False(again.Reused);
        Assert.Equal(first.EngineDigest, again.EngineDigest);
        Assert.Single(await EngineBlobsAsync(first.EngineKey));
    }

    [Fact]
    public async Task Job_CommittedEngineIsGoneAndBuildsToOtherBytes_FailsAndSaysWhatToDo()
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Classifier());
        request = request with { Policy = request.Policy with { Precision = cloud.NewName("gone") } };
        BuildReport first = await bench.BuildAsync(request);
        await EngineBlob(first).DeleteAsync(cancellationToken: Workbench.Cancel);
        using var other = new Workbench(
            cloud, new HookedBackend(Workbench.Backend, options => options with { Optimize = false }));

        JobOutcome.Failed failed = await other.FailAsync(request);

        Assert.Equal(BuildFailureKind.BuildFailed, failed.Kind);
        Assert.Contains($"Delete the folder '{first.EngineKey}'", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Job_CommittedEngineOrManifestIsCorrupted_FailsAndSaysWhatToDo(bool engine)
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: engine ? 12 : 13));
        BuildReport first = await bench.BuildAsync(request);
        BlobClient blob = engine ? EngineBlob(first) : Engines.GetBlobClient(EntityNames.ManifestBlob(first.EngineKey));
        await blob.UploadAsync(BinaryData.FromString("{}"), overwrite: true, Workbench.Cancel);

        JobOutcome.Failed failed = await bench.FailAsync(request);

        Assert.Equal(BuildFailureKind.BuildFailed, failed.Kind);
        Assert.Contains($"Delete the folder '{first.EngineKey}'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_UploadOverwrittenAfterAcceptance_FailsAsOverwritten()
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 21));
        await bench.UploadAsync(request.Source.Path, TestModels.Tiny(bias: 22));

        JobOutcome.Failed failed = await bench.FailAsync(request);

        Assert.Equal(BuildFailureKind.Overwritten, failed.Kind);
        Assert.Contains($"'{request.Source.Path}'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_UnknownOperator_FailsAndNamesIt()
    {
        using var bench = new Workbench(cloud);

        JobOutcome.Failed failed = await bench.FailAsync(await bench.RequestAsync(TestModels.Tiny(1, "Frobnicate")));

        Assert.Equal(BuildFailureKind.UnsupportedOperator, failed.Kind);
        Assert.Contains("Frobnicate", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_NoGoldenFilesAndNoSeededSamples_FailsAsNoInputs()
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 31));
        var accuracy = new AccuracyLimits { SeededSamples = 0 };

        JobOutcome.Failed failed = await bench.FailAsync(
            request with { Policy = request.Policy with { Accuracy = accuracy } });

        Assert.Equal(BuildFailureKind.NoInputs, failed.Kind);
    }

    [Fact]
    public async Task Job_OtherLane_IsRefused()
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 41));

        JobOutcome.Failed failed = await bench.FailAsync(
            request with { Lane = Lane.Parse("sm_75/trt-11.1.0.106") });

        Assert.Equal(BuildFailureKind.WrongLane, failed.Kind);
        Assert.Contains("'sm_75/trt-11.1.0.106'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Job_LongerThanTheBuildDeadline_IsStopped()
    {
        var time = new TestTimeProvider();
        using var bench = new Workbench(
            cloud,
            new HookedBackend(Workbench.Backend, options =>
            {
                time.Advance(TimeSpan.FromMinutes(6));
                return options;
            }),
            time);
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 51));
        PromotionPolicy policy = request.Policy with { BuildDeadline = TimeSpan.FromMinutes(5) };

        JobOutcome.Failed failed = await bench.FailAsync(request with { Policy = policy });
        BuildReport report = await bench.BuildAsync(
            request with { Policy = policy with { BuildDeadline = TimeSpan.FromMinutes(7) } });

        Assert.Equal(BuildFailureKind.DeadlineExceeded, failed.Kind);
        Assert.Contains("00:05:00", failed.Message, StringComparison.Ordinal);
        Assert.False(report.Reused);
    }

    [Fact]
    public async Task Job_Stopped_ThrowsInsteadOfAnOutcome()
    {
        using var stop = new CancellationTokenSource();
        using var bench = new Workbench(cloud, new HookedBackend(Workbench.Backend, options =>
        {
            stop.Cancel();
            return options;
        }));
        BuildRequest request = await bench.RequestAsync(TestModels.Tiny(bias: 61));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bench.Job.RunAsync(request, new Progress<JobProgress>(), stop.Token));

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(bench.Root, "jobs")));
    }

    private BlobContainerClient Engines => cloud.Clients.Container(EntityNames.EnginesContainer);

    private BlobClient EngineBlob(BuildReport report) =>
        Engines.GetBlobClient(EntityNames.EngineBlob(report.EngineKey, report.EngineDigest));

    private async Task<ImmutableArray<string>> EngineBlobsAsync(string key)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        await foreach (var blob in Engines.GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, key, Workbench.Cancel))
        {
            if (blob.Name.EndsWith(".engine", StringComparison.Ordinal)) names.Add(blob.Name);
        }

        return names.ToImmutable();
    }
}
