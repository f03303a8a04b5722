using Pipeline.Cloud;
using Pipeline.Core.Builds;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Jobs;

/// <summary>The engine that serves, beside the new one on the same worker.</summary>
public sealed class BaselineTests(CloudFixture cloud)
{
    /// <summary>Part of the engine's key, so that other tests have other engines.</summary>
    private readonly string precision = cloud.NewName("baseline");

    /// <summary>Wide enough for a machine on which other tests run.</summary>
    private static readonly RegressionLimits Limits = new()
    {
        P50Maximum = 9,
        P99Maximum = null,
        ThroughputMaximum = 0.9,
        TimeLimit = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public async Task Baseline_OfAnotherVersion_IsFetchedAndMeasuredInTurns()
    {
        using var bench = new Workbench(cloud);
        BaselineEngine serving = await ServingAsync(bench, TestModels.Tiny(bias: 71));

        BuildReport report = await bench.BuildAsync(await RequestAsync(bench, TestModels.Tiny(bias: 72), serving));

        PairedEvidence paired = report.Paired!;
        Assert.Equal((serving.EngineDigest, "1", null), (paired.BaselineDigest, paired.BaselineVersion, paired.Fault));
        Assert.Equal(PairedSampling.Confidence, paired.Confidence);
        Assert.True(Assert.Single(paired.Profiles).Rounds >= PairedSampling.RoundsMinimum && paired.Seconds > 0);
        Assert.Equal(Verdict.Passed, Judge(report).Verdict);
        Assert.Equal(["benchmark", "compare"], report.Stages.Select(s => s.Stage).TakeLast(2));
    }

    [Fact]
    public async Task Baseline_ThatIsTheNewEngine_IsNotMeasured()
    {
        using var bench = new Workbench(cloud);
        BaselineEngine serving = await ServingAsync(bench, TestModels.Tiny(bias: 73));

        BuildReport report = await bench.BuildAsync(await RequestAsync(bench, TestModels.Tiny(bias: 73), serving));

        Assert.True(report.Reused);
        Assert.Empty(report.Paired!.Profiles);
        Assert.Equal(Verdict.Passed, Judge(report).Verdict);
        Assert.DoesNotContain("compare", report.Stages.Select(s => s.Stage));
    }

    [Fact]
    public async Task PolicyThatComparesNothing_LeavesTheBaselineAlone()
    {
        using var bench = new Workbench(cloud);
        BuildRequest request = await RequestAsync(bench, TestModels.Tiny(bias: 74), Missing());
        BenchmarkLimits limits = request.Policy.Benchmark with { Regression = null };

        BuildReport report = await bench.BuildAsync(request with { Policy = request.Policy with { Benchmark = limits } });

        Assert.Null(report.Paired);
    }

    [Fact]
    public async Task Baseline_ThatIsGone_IsInconclusiveAndSaysSo() =>
        await AssertFaultAsync(Missing(), bias: 75, BaselineFault.Gone, "is not in the store any more");

    [Fact]
    public async Task Baseline_WithOtherBytes_IsInconclusiveAndSaysSo()
    {
        using var bench = new Workbench(cloud);
        BaselineEngine serving = await ServingAsync(bench, TestModels.Tiny(bias: 76));
        string blob = EntityNames.EngineBlob(serving.EngineKey, serving.EngineDigest);
        await cloud.Clients.Container(EntityNames.EnginesContainer).GetBlobClient(blob)
            .UploadAsync(new BinaryData(new byte[serving.SizeBytes]), overwrite: true, Workbench.Cancel);
        await AssertFaultAsync(serving, bias: 77, BaselineFault.Damaged, blob);
    }

    [Fact]
    public async Task Baseline_TooLargeForTheMemory_IsInconclusiveAndNotFetched() =>
        await AssertFaultAsync(
            Missing() with { SizeBytes = 1L << 60 }, bias: 78, BaselineFault.OutOfMemory, "must be in memory beside the new engine");

    [Fact]
    public async Task Baseline_ThatTakesOtherInputs_IsInconclusiveAndSaysSo()
    {
        using var bench = new Workbench(cloud);
        BaselineEngine serving = await ServingAsync(bench, TestModels.Classifier());
        await AssertFaultAsync(serving, bias: 79, BaselineFault.DoesNotRun, "does not run the new engine's inputs");
    }

    private async Task AssertFaultAsync(BaselineEngine serving, float bias, BaselineFault fault, string message)
    {
        using var bench = new Workbench(cloud);
        BuildReport report = await bench.BuildAsync(await RequestAsync(bench, TestModels.Tiny(bias), serving));
        Assert.Equal(fault, report.Paired?.Fault);
        Assert.Contains(message, report.Paired!.FaultMessage, StringComparison.Ordinal);
        GateDecision decision = Judge(report);
        Assert.Equal(Verdict.Inconclusive, decision.Verdict);
        Assert.Contains(decision.Reasons, r => r.Contains(message, StringComparison.Ordinal));
    }

    private static GateDecision Judge(BuildReport report) => BenchmarkGate.Judge(
        report.Benchmark, report.Paired, report.EngineDigest, new BenchmarkLimits { Regression = Limits });

    private static BaselineEngine Missing() => new()
    {
        Version = "1",
        EngineKey = new string('a', 64),
        EngineDigest = new string('b', 64),
        SizeBytes = 1,
    };

    private async Task<BaselineEngine> ServingAsync(Workbench bench, byte[] model)
    {
        BuildRequest request = await bench.RequestAsync(model);
        BuildReport report = await bench.BuildAsync(request with { Policy = request.Policy with { Precision = precision } });
        return new BaselineEngine
        {
            Version = report.Version,
            EngineKey = report.EngineKey,
            EngineDigest = report.EngineDigest,
            SizeBytes = report.EngineSizeBytes,
        };
    }

    private async Task<BuildRequest> RequestAsync(Workbench bench, byte[] model, BaselineEngine serving)
    {
        BuildRequest request = await bench.RequestAsync(model);
        BenchmarkLimits limits = request.Policy.Benchmark with { Regression = Limits };
        return request with { Policy = request.Policy with { Benchmark = limits, Precision = precision }, Baseline = serving };
    }
}
