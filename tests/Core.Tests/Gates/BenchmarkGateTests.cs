using System.Collections.Immutable;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Tests.Gates;

public sealed class BenchmarkGateTests
{
    private static readonly BenchmarkLimits Limits = new()
    {
        P50MillisecondsMaximum = 10,
        P90MillisecondsMaximum = 20,
        P99MillisecondsMaximum = 30,
        ThroughputPerSecondMinimum = 50,
    };

    [Fact]
    public void Profile_WithinEveryLimit_PassesWithTheTightestMargin() =>
        AssertJudged(
            Verdict.Passed, [Profile("line", 9.5, 15, 20, 100)],
            "Every limit holds; the tightest: Profile 'line': P50 in ms 9.5, at most 10.");

    [Fact]
    public void TightestMargin_MayBeTheThroughput() =>
        AssertJudged(
            Verdict.Passed, [Profile("line", 1, 1, 1, 50.5)],
            "Every limit holds; the tightest: Profile 'line': throughput per second 50.5, at least 50.");

    [Fact]
    public void EveryBrokenLimit_HasItsSentence() =>
        AssertJudged(
            Verdict.Failed, [Profile("line", 9, 15, 20, 100), Profile("page", 11, 21, 31.5, 49)],
            "Profile 'page': P50 in ms 11 is above the limit of 10.",
            "Profile 'page': P90 in ms 21 is above the limit of 20.",
            "Profile 'page': P99 in ms 31.5 is above the limit of 30.",
            "Profile 'page': throughput per second 49 is below the limit of 50.");

    [Fact]
    public void Number_ThatIsNone_Fails() =>
        Assert.Equal(
            Verdict.Failed,
            BenchmarkGate.Judge(
                new BenchmarkEvidence { Threads = 1, Profiles = [Profile("line", double.NaN, 1, 1, 1)] },
                new BenchmarkLimits()).Verdict);

    [Fact]
    public void Profile_WithFewSamples_IsInconclusive() =>
        AssertJudged(
            Verdict.Inconclusive, [Profile("line", 1, 1, 1, 100) with { Samples = 9 }],
            "Profile 'line' was timed 9 times, at least 10 are needed; a longer benchmark duration gives more.");

    [Fact]
    public void Evidence_WithoutProfiles_IsInconclusive()
    {
        AssertJudged(Verdict.Inconclusive, [], "No shape profile was measured.");
        AssertJudged(Verdict.Inconclusive, default, "No shape profile was measured.");
    }

    [Fact]
    public void BrokenLimit_OutweighsMissingEvidence() =>
        AssertJudged(
            Verdict.Failed, [Profile("few", 1, 1, 1, 100) with { Samples = 1 }, Profile("slow", 11, 12, 13, 100)],
            "Profile 'slow': P50 in ms 11 is above the limit of 10.");

    [Fact]
    public void WithoutLimits_TellsWhatWasMeasured() =>
        Assert.Equal(
            ["No limit is set; P50 9.5 ms over 100 runs of profile 'line'."],
            BenchmarkGate.Judge(
                new BenchmarkEvidence { Threads = 1, Profiles = [Profile("line", 9.5, 15, 20, 100)] }, new BenchmarkLimits())
                .Reasons);

    /// <summary>One decision for both: the worst of the limits and of the comparison with what serves.</summary>
    [Theory]
    [InlineData(9, 1.0, Verdict.Passed)]
    [InlineData(9, 1.5, Verdict.Failed)]
    [InlineData(11, 1.0, Verdict.Failed)]
    [InlineData(9, null, Verdict.Inconclusive)]
    [InlineData(11, null, Verdict.Failed)]
    public void LimitsAndComparison_AreJudgedTogether(double p50, double? ratio, Verdict expected)
    {
        PairedEvidence paired = PairedEvidence.NotMeasured("serving", "3") with
        {
            Profiles = ratio is { } r ? [Pair(new RatioInterval(r, r - 0.01, r + 0.01))] : [],
        };
        var evidence = new BenchmarkEvidence { Threads = 1, Profiles = [Profile("line", p50, 15, 20, 100)] };
        Assert.Equal(expected, BenchmarkGate.Judge(evidence, paired, "new", Limits).Verdict);
        // A policy that compares nothing does not read the comparison.
        Assert.Equal(
            p50 < 10 ? Verdict.Passed : Verdict.Failed,
            BenchmarkGate.Judge(evidence, paired, "new", Limits with { Regression = null }).Verdict);
    }

    private static PairedProfile Pair(RatioInterval p50) => new()
    {
        Profile = "line",
        Rounds = 16,
        SamplesPerSide = 320,
        P50 = p50,
        P99 = new RatioInterval(1, 0.95, 1.05),
        Throughput = new RatioInterval(1, 0.99, 1.01),
    };

    private static ProfileBenchmark Profile(string name, double p50, double p90, double p99, double throughput) => new()
    {
        Profile = name,
        Shapes = ImmutableSortedDictionary<string, ImmutableArray<long>>.Empty,
        Samples = 100,
        MeanMilliseconds = p50,
        P50Milliseconds = p50,
        P90Milliseconds = p90,
        P99Milliseconds = p99,
        ThroughputPerSecond = throughput,
        CoefficientOfVariationPercent = 1,
    };

    private static void AssertJudged(Verdict verdict, ImmutableArray<ProfileBenchmark> profiles, params string[] reasons)
    {
        GateDecision decision = BenchmarkGate.Judge(new BenchmarkEvidence { Threads = 1, Profiles = profiles }, Limits);
        Assert.Equal((BenchmarkGate.Name, verdict), (decision.Gate, decision.Verdict));
        Assert.Equal(reasons, decision.Reasons);
    }
}
