using Pipeline.Core.Gates;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Tests.Gates;

public sealed class PairedBenchmarkGateTests
{
    private static readonly RegressionLimits Limits = new() { P50Maximum = 0.02, P99Maximum = 0.1, ThroughputMaximum = 0.02 };

    private static readonly RatioInterval Same = new(1, 0.995, 1.005);

    private static readonly PairedProfile Profile = new()
    {
        Profile = "line",
        Rounds = 32,
        SamplesPerSide = 640,
        P50 = Same,
        P99 = new RatioInterval(1, 0.97, 1.03),
        Throughput = Same,
    };

    [Theory]
    [InlineData(0.995, 1.02, Verdict.Passed)]
    [InlineData(0.995, 1.0201, Verdict.Inconclusive)]
    [InlineData(1.0201, 1.05, Verdict.Failed)]
    [InlineData(1.02, 1.05, Verdict.Inconclusive)]
    // A clear gain that is told from noise: 0.4 to 0.98 may be a disturbance on one side.
    [InlineData(0.498, 0.502, Verdict.Passed)]
    [InlineData(0.4, 0.98, Verdict.Inconclusive)]
    [InlineData(1.1, 1.9, Verdict.Inconclusive)]
    [InlineData(double.NaN, double.NaN, Verdict.Inconclusive)]
    public void P50_IsJudgedByItsWholeInterval(double low, double high, Verdict expected) =>
        AssertJudged(expected, Profile with { P50 = Between(low, high) });

    [Theory]
    [InlineData(0.98, 1.01, Verdict.Passed)]
    [InlineData(0.9799, 1.01, Verdict.Inconclusive)]
    [InlineData(0.95, 0.9799, Verdict.Failed)]
    [InlineData(0.95, 0.98, Verdict.Inconclusive)]
    public void Throughput_IsJudgedByItsWholeInterval(double low, double high, Verdict expected) =>
        AssertJudged(expected, Profile with { Throughput = Between(low, high) });

    [Theory]
    [InlineData(1.0, 1.09, Verdict.Passed)]
    [InlineData(1.11, 1.15, Verdict.Failed)]
    [InlineData(1.05, 1.14, Verdict.Inconclusive)]
    // No narrower than its allowance: neither fails nor holds up.
    [InlineData(1.11, 1.22, Verdict.Passed)]
    [InlineData(0.9, 1.3, Verdict.Passed)]
    public void P99_DecidesOnlyWhereItIsNarrowerThanItsAllowance(double low, double high, Verdict expected) =>
        AssertJudged(expected, Profile with { P99 = Between(low, high) });

    [Fact]
    public void P99_ThatDidNotDecide_IsSaid() => Assert.Contains(
        Judge(Profile with { P99 = Between(0.9, 1.3) }).Reasons,
        r => r.Contains("P99 is 1.1 (0.9 to 1.3)", StringComparison.Ordinal) && r.Contains("did not decide", StringComparison.Ordinal));

    [Fact]
    public void Failure_SaysHowMuchAgainstWhatAndWhatIsAllowed() => Assert.Equal(
        "Profile 'line': P50 is 1.05 (1.04 to 1.06) of version '3', which serves; at most 1.02 is allowed.",
        Judge(Profile with { P50 = Between(1.04, 1.06) }).Reasons[0]);

    [Fact]
    public void OneProfileOutside_OutweighsAnotherThatIsOpen()
    {
        GateDecision decision = PairedBenchmarkGate.Judge(
            Evidence(Profile with { P50 = Between(0.99, 1.025) }, Profile with { P50 = Between(1.04, 1.06) }), "new", Limits);
        Assert.Equal(Verdict.Failed, decision.Verdict);
    }

    [Fact]
    public void TooFewRounds_LackEvidence()
    {
        PairedProfile few = Profile with { Rounds = PairedSampling.RoundsMinimum - 1 };
        AssertJudged(Verdict.Inconclusive, few);
        Assert.False(PairedBenchmarkGate.IsDecided(few, Limits));
    }

    [Fact]
    public void SameEngine_PassesWithoutMeasuring()
    {
        GateDecision decision = PairedBenchmarkGate.Judge(PairedEvidence.NotMeasured("serving", "3"), "serving", Limits);
        Assert.Equal(Verdict.Passed, decision.Verdict);
        Assert.Contains("serves as version '3'; there is nothing to compare", decision.Reasons[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void BaselineThatCannotBeHad_IsInconclusiveWithItsReason()
    {
        PairedEvidence gone = PairedEvidence.NotMeasured("serving", "3") with { Fault = BaselineFault.Gone, FaultMessage = "it is gone." };
        Assert.Equal(
            ["It could not be compared with version '3', which serves (Gone): it is gone."],
            PairedBenchmarkGate.Judge(gone, "new", Limits).Reasons);
        // Numbers beside a fault are none.
        Assert.Equal(
            Verdict.Inconclusive, PairedBenchmarkGate.Judge(gone with { Profiles = [Profile] }, "new", Limits).Verdict);
        Assert.Equal(
            Verdict.Inconclusive, PairedBenchmarkGate.Judge(PairedEvidence.NotMeasured("serving", "3"), "new", Limits).Verdict);
    }

    /// <summary>Measuring ends exactly where more rounds would not change the verdict, but for a P99 that looks bad.</summary>
    [Theory]
    [InlineData(1, 1, 1, true)]
    [InlineData(1.05, 1, 1, true)]
    [InlineData(1.019, 1, 1, false)]
    [InlineData(1, 0.981, 1, false)]
    [InlineData(1, 1, 1.5, true)]
    [InlineData(1, 1, 3, false)]
    public void Measuring_EndsWithTheVerdict(double p50, double throughput, double p99, bool decided) => Assert.Equal(
        decided,
        PairedBenchmarkGate.IsDecided(
            Profile with { P50 = Around(p50), Throughput = Around(throughput), P99 = Around(p99) with { High = p99 * 1.05 } }, Limits));

    [Fact]
    public void LimitsThatAreOff_AreNotJudged() => Assert.Equal(
        Verdict.Passed,
        PairedBenchmarkGate.Judge(
            Evidence(Profile with { P50 = Around(9), P99 = Around(9), Throughput = Around(0.1) }), "new",
            new RegressionLimits { P50Maximum = null, P99Maximum = null, ThroughputMaximum = null }).Verdict);

    /// <summary>
    /// A whole measurement with its looks, on a simulated machine: 2 % are allowed, and an engine that is exactly 2 % slower
    /// must rarely be given a verdict by chance, however often the numbers are looked at.
    /// </summary>
    [Theory]
    [InlineData(1.0, Verdict.Failed, 0)]
    [InlineData(1.05, Verdict.Passed, 0)]
    [InlineData(1.02, Verdict.Failed, 6)]
    [InlineData(1.02, Verdict.Passed, 6)]
    public void RepeatedLooks_KeepTheErrorSmall(double ratio, Verdict wrong, int wrongMaximum)
    {
        var limits = new RegressionLimits { P50Maximum = 0.02, P99Maximum = null, ThroughputMaximum = null };
        int errors = Enumerable.Range(0, 150).Count(trial => Decide(new SimulatedPair(trial, ratio), limits) == wrong);
        Assert.InRange(errors, 0, wrongMaximum);
    }

    private static Verdict Decide(SimulatedPair pair, RegressionLimits limits)
    {
        var rounds = new List<PairedRound>();
        while (true)
        {
            rounds.Add(pair.Round());
            if (!PairedSampling.IsLook(rounds.Count)) continue;
            PairedProfile seen = PairedBootstrap.Estimate("p", rounds, seed: 1);
            if (rounds.Count == 256 || PairedBenchmarkGate.IsDecided(seen, limits))
                return PairedBenchmarkGate.Judge(Evidence(seen), "new", limits).Verdict;
        }
    }

    private static RatioInterval Between(double low, double high) => new((low + high) / 2, low, high);

    private static RatioInterval Around(double ratio) => new(ratio, ratio * 0.995, ratio * 1.005);

    private static PairedEvidence Evidence(params PairedProfile[] profiles) =>
        PairedEvidence.NotMeasured("serving", "3") with { Profiles = [.. profiles] };

    private static GateDecision Judge(PairedProfile profile) => PairedBenchmarkGate.Judge(Evidence(profile), "new", Limits);

    private static void AssertJudged(Verdict verdict, PairedProfile profile)
    {
        GateDecision decision = Judge(profile);
        Assert.Equal((BenchmarkGate.Name, verdict), (decision.Gate, decision.Verdict));
    }
}
