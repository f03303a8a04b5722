using System.Collections.Immutable;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Engines.Tests.Benchmarks;

public sealed class PairedBenchmarkTests
{
    /// <summary>Wide enough for a machine on which other tests run.</summary>
    private static readonly RegressionLimits Wide = new()
    {
        P50Maximum = 0.9,
        P99Maximum = null,
        ThroughputMaximum = 0.6,
        TimeLimit = TimeSpan.FromSeconds(30),
    };

    private static readonly RegressionLimits AtOnce = Wide with { TimeLimit = TimeSpan.Zero };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, Verdict.Passed)]
    [InlineData(4, Verdict.Failed)]
    public void Run_RealEngines_TellsTheSameFromASlowerOne(int times, Verdict expected)
    {
        using IEngine baseline = Ort.BuildAndLoad(Ort.Classifier, Cancellation);
        using var candidate = new RepeatingEngine(Ort.BuildAndLoad(Ort.Classifier, Cancellation), 'B', [], times);

        PairedProfile pair = Assert.Single(PairedBenchmark.Run(
            baseline, candidate, [Profile("line", 1, 3, 48, 192)], Wide, TimeSpan.Zero, null, Cancellation));

        GateDecision decision = PairedBenchmarkGate.Judge(
            PairedEvidence.NotMeasured("serving", "3") with { Profiles = [pair] }, "new", Wide);
        Assert.True(decision.Verdict == expected, string.Join(' ', decision.Reasons));
        Assert.Equal("line", pair.Profile);
        Assert.True(pair.Rounds >= 16 && pair.SamplesPerSide >= 2 * pair.Rounds);
    }

    [Fact]
    public void Rounds_AreSymmetricAndBeginWithEither()
    {
        var log = new List<char>();
        using RepeatingEngine baseline = Echo('A', log);
        using RepeatingEngine candidate = Echo('B', log);
        using var pair = new EnginePair(baseline, candidate, Profile("x", 4));

        pair.Round(3, baselineFirst: true, Cancellation);
        pair.Round(3, baselineFirst: false, Cancellation);

        Assert.Equal("AAABBBBBBAAA" + "BBBAAAAAABBB", string.Concat(log));
    }

    [Fact]
    public void Run_ManyRounds_BeginsWithEitherEngineInNoRhythm()
    {
        var log = new List<char>();
        using RepeatingEngine baseline = Echo('A', log);
        using RepeatingEngine candidate = Echo('B', log);

        PairedProfile pair = Assert.Single(PairedBenchmark.Run(
            baseline, candidate, [Profile("x", 4)], Wide with { P50Maximum = 9, ThroughputMaximum = 0.9 }, TimeSpan.Zero, null,
            Cancellation));

        // 64 leading and 256 timed runs a block, of inputs as small as these.
        string blocks = string.Concat(log.Skip(log.Count - (4 * 320 * pair.Rounds)).Where((_, i) => i % 320 == 0));
        string[] rounds = [.. blocks.Chunk(4).Select(c => new string(c))];
        Assert.Equal(["ABBA", "BAAB"], rounds.Distinct().Order());
        Assert.Contains(rounds.Zip(rounds.Skip(1)), p => p.First == p.Second);
        Assert.Contains(rounds.Zip(rounds.Skip(1)), p => p.First != p.Second);
        Assert.Equal(512 * pair.Rounds, pair.SamplesPerSide);
    }

    [Fact]
    public void TimedRuns_OfARealEngine_AllocateNothing()
    {
        using IEngine engine = Ort.BuildAndLoad(Ort.Classifier, Cancellation);
        Tensor input = new("x", ElementType.Float32, [1, 3, 48, 192], new byte[4 * 3 * 48 * 192]);
        using var context = new BenchmarkedContext(engine, [input]);
        for (int i = 0; i < 3; i++) context.Run();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) context.Run();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Run_TimeIsOver_EndsAfterARoundOfEachProfile()
    {
        var progress = new Recorder();
        using RepeatingEngine baseline = Echo('A', []);
        using RepeatingEngine candidate = Echo('B', []);

        ImmutableArray<PairedProfile> pairs = PairedBenchmark.Run(
            baseline, candidate, [Profile("a", 4), Profile("b", 7)], AtOnce, TimeSpan.Zero, progress, Cancellation);

        Assert.Equal([("a", 1), ("b", 1)], pairs.Select(p => (p.Profile, p.Rounds)));
        Assert.Equal(progress.Values.Order(), progress.Values);
        Assert.Equal(1, progress.Values[^1]);
    }

    [Fact]
    public void WarmUp_OfAProfile_LeavesTheLaterOnesTheirTime()
    {
        using RepeatingEngine baseline = Echo('A', []);
        using RepeatingEngine candidate = Echo('B', []);
        // Of the same engine twice this is never decided.
        RegressionLimits undecided = Wide with { P50Maximum = 1e-9, TimeLimit = TimeSpan.FromMilliseconds(400) };

        ImmutableArray<PairedProfile> pairs = PairedBenchmark.Run(
            baseline, candidate, [Profile("a", 4), Profile("b", 7)], undecided, TimeSpan.FromMilliseconds(200), null, Cancellation);

        Assert.All(pairs, p => Assert.True(p.Rounds > 1, $"{p.Profile} had {p.Rounds} rounds."));
    }

    [Fact]
    public void Run_BothEngines_GetTheSameTensors()
    {
        using FakeEngine baseline = FakeEngine.Echo();
        using FakeEngine candidate = FakeEngine.Echo();

        PairedBenchmark.Run(baseline, candidate, [Profile("a", 4)], AtOnce, TimeSpan.Zero, null, Cancellation);

        byte[] expected = baseline.Given[0].Data.ToArray();
        Assert.All(baseline.Given.Concat(candidate.Given), t => Assert.Equal(expected, t.Data.ToArray()));
        Assert.Equal([4L], baseline.Given[0].Shape);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        using FakeEngine baseline = FakeEngine.Echo();
        using var candidate = new FakeEngine(FakeEngine.Describe("x", -1), FakeEngine.Describe("y", -1), x =>
        {
            cancelled.Cancel();
            return x;
        });

        Assert.ThrowsAny<OperationCanceledException>(() => PairedBenchmark.Run(
            baseline, candidate, [Profile("a", 1)], Wide, TimeSpan.FromDays(1), null, cancelled.Token));
        Assert.Single(candidate.Given);
    }

    [Fact]
    public void Refusal_OfABaselineWithOtherInputs_SaysWhichProfile()
    {
        using IEngine classifier = Ort.BuildAndLoad(Ort.Classifier, Cancellation);
        using FakeEngine other = FakeEngine.Echo();

        Assert.Null(PairedBenchmark.Refusal(other, other, [Profile("a", 1)], Cancellation));
        Assert.Contains(
            "inputs of profile 'a'", PairedBenchmark.Refusal(classifier, other, [Profile("a", 1)], Cancellation), StringComparison.Ordinal);
    }

    private static RepeatingEngine Echo(char name, List<char> log) => new(FakeEngine.Echo(), name, log);

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
