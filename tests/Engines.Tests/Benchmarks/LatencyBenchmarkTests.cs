using System.Collections.Immutable;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Engines.Tests.Benchmarks;

public sealed class LatencyBenchmarkTests
{
    private static readonly BenchmarkLimits Shortest = new() { WarmUp = TimeSpan.Zero, Duration = TimeSpan.Zero };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_DurationOverAtOnce_StillTakesTenSamplesAfterWarmUp()
    {
        using FakeEngine engine = FakeEngine.Echo();

        BenchmarkEvidence evidence = LatencyBenchmark.Run(engine, [Profile("a", 4)], Shortest, null, Cancellation);

        ProfileBenchmark result = Assert.Single(evidence.Profiles);
        Assert.Equal(LatencyBenchmark.SamplesMinimum, result.Samples);
        Assert.Equal(LatencyBenchmark.SamplesMinimum + 1, engine.Given.Count);
        Assert.Equal(3, evidence.Threads);
        Assert.Equal("trtexec-nearest-rank", evidence.PercentileRule);
        Assert.Equal(BenchmarkMethods.Host, evidence.Method);
        Assert.Null(evidence.DeviceMemoryBytes);
    }

    [Fact]
    public void Run_SeveralProfiles_MeasuresEachAtItsTypicalShapes()
    {
        using FakeEngine engine = FakeEngine.Echo();

        BenchmarkEvidence evidence = LatencyBenchmark.Run(
            engine, [Profile("a", 4), Profile("b", 7)], Shortest, null, Cancellation);

        Assert.Equal(["a", "b"], evidence.Profiles.Select(p => p.Profile));
        Assert.Equal([7], evidence.Profiles[1].Shapes["x"]);
        Assert.Equal([4L, 7L], engine.Given.Select(t => t.Shape[0]).Distinct());
    }

    [Fact]
    public void Run_RealEngine_NumbersAgreeWithEachOther()
    {
        using IEngine engine = Ort.BuildAndLoad(Ort.Classifier, Cancellation);
        var limits = new BenchmarkLimits { WarmUp = TimeSpan.Zero, Duration = TimeSpan.FromMilliseconds(200) };
        var progress = new Recorder();
        ImmutableArray<long> shape = [1, 3, 48, 192];

        ProfileBenchmark result = Assert.Single(LatencyBenchmark.Run(
            engine, [Profile("a", shape)], limits, progress, Cancellation).Profiles);

        Assert.True(result.Samples >= LatencyBenchmark.SamplesMinimum);
        Assert.True(0 < result.P50Milliseconds && result.P50Milliseconds <= result.P90Milliseconds);
        Assert.True(result.P90Milliseconds <= result.P95Milliseconds && result.P95Milliseconds <= result.P99Milliseconds);
        Assert.Null(result.Phases);
        Assert.InRange(result.ThroughputPerSecond * result.MeanMilliseconds / 1000, 0.1, 1.0001);
        Assert.True(result.CoefficientOfVariationPercent >= 0);
        Assert.Equal(progress.Values.Order(), progress.Values);
        Assert.Equal(1, progress.Values[^1]);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        using var engine = new FakeEngine(FakeEngine.Describe("x", -1), FakeEngine.Describe("y", -1), x =>
        {
            cancelled.Cancel();
            return Tensor.Copy<float>("y", [1], 1);
        });
        var limits = new BenchmarkLimits { WarmUp = TimeSpan.FromDays(1), Duration = TimeSpan.FromDays(1) };

        Assert.ThrowsAny<OperationCanceledException>(
            () => LatencyBenchmark.Run(engine, [Profile("a", 1)], limits, null, cancelled.Token));
        Assert.Single(engine.Given);
    }

    private static ShapeProfile Profile(string name, params ImmutableArray<long> typical) => new()
    {
        Name = name,
        Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(
            "x", new ShapeRange { Minimum = typical, Typical = typical, Maximum = typical }),
    };

    private sealed class Recorder : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
