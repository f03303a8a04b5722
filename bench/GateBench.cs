using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Bench.Gating;
using Pipeline.Bench.Reporting;
using Pipeline.Bench.Serving;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Engines.Benchmarks;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Bench;

/// <summary>
/// How often the benchmark gate is right about the engine that serves: real decisions on an identical engine and on one that
/// is slowed by 5 %, where 2 % are allowed. Both engines are loaded anew for every decision, since where their memory
/// happens to lie is part of the chance.
/// </summary>
internal static class GateBench
{
    private const double Slowdown = 0.05;
    private const double Allowed = 0.02;

    private static readonly TimeSpan WarmUp = new BenchmarkLimits().WarmUp;

    private static readonly RegressionLimits Regression = new()
    {
        P50Maximum = Allowed,
        P99Maximum = null,
        ThroughputMaximum = Allowed,
        TimeLimit = TimeSpan.FromSeconds(8),
    };

    public static async Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        int trials = settings.Trials ?? (settings.Quick ? 3 : 100);
        var backend = new OnnxRuntimeBackend(new OnnxRuntimeOptions { IntraOpThreads = 1 });
        byte[] engine = await BuildAsync(backend, cancellationToken);
        var (identical, slowed) = (new List<GateTrial>(), new List<GateTrial>());
        for (int trial = 1; trial <= trials; trial++)
        {
            identical.Add(Decide(backend, engine, slow: false, cancellationToken));
            slowed.Add(Decide(backend, engine, slow: true, cancellationToken));
            settings.Say($"gate: {trial} of {trials}; identical {Describe(identical[^1])}; slowed {Describe(slowed[^1])}");
        }

        double failed = Share(identical, Verdict.Failed);
        double passed = Share(slowed, Verdict.Passed);
        return new BenchResult
        {
            Name = "gate",
            What = $"{trials} decisions each on two engines of {Path.GetFileName(Classifier.Path)}, one image a run, one thread; allowed " +
                $"regression of P50 and throughput {Allowed:P0}, time limit {Regression.TimeLimit.TotalSeconds} s a decision",
            Tables =
            [
                new BenchTable("verdicts against the engine that serves, as shares", [
                    Row("identical", identical, Verdict.Failed), Row($"slowed by {Slowdown:P0}", slowed, Verdict.Passed)]),
                new BenchTable("ratios to the engine that serves", [Ratios("identical", identical), Ratios("slowed", slowed)]),
            ],
            Goals =
            [
                new BenchGoal("identical engine Failed at most 1 time in 100", failed, failed <= 0.01),
                new BenchGoal("engine slowed by 5 % Passed at most 5 times in 100", passed, passed <= 0.05),
            ],
        };
    }

    private static async Task<byte[]> BuildAsync(OnnxRuntimeBackend backend, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-bench-");
        try
        {
            string path = Path.Combine(folder.FullName, "model.engine");
            backend.Build(new EngineBuildOptions { ModelPath = Classifier.Path, EnginePath = path }, cancellationToken);
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static GateTrial Decide(
        OnnxRuntimeBackend backend, byte[] engine, bool slow, CancellationToken cancellationToken)
    {
        using IEngine baseline = backend.Load(engine, cancellationToken);
        using IEngine loaded = backend.Load(engine, cancellationToken);
        using IEngine candidate = slow ? Slow(loaded, cancellationToken) : loaded;
        long start = Stopwatch.GetTimestamp();
        ImmutableArray<PairedProfile> pairs = PairedBenchmark.Run(
            baseline, candidate, [Classifier.Profile], Regression, WarmUp, progress: null, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        PairedEvidence evidence = PairedEvidence.NotMeasured("serving", "serving") with { Profiles = pairs, Seconds = seconds };
        return new GateTrial(PairedBenchmarkGate.Judge(evidence, "new", Regression).Verdict, seconds, pairs[0]);
    }

    /// <summary>Calibrated on the engine just before it is used: the machine's speed changes by the minute.</summary>
    private static SlowedEngine Slow(IEngine engine, CancellationToken cancellationToken)
    {
        var limits = new BenchmarkLimits { Duration = TimeSpan.FromMilliseconds(500) };
        BenchmarkEvidence alone = LatencyBenchmark.Run(engine, [Classifier.Profile], limits, null, cancellationToken);
        return new SlowedEngine(engine, TimeSpan.FromMilliseconds(alone.Profiles[0].P50Milliseconds * Slowdown));
    }

    private static OrderedDictionary<string, object> Row(string what, List<GateTrial> trials, Verdict wrong)
    {
        double[] seconds = [.. trials.Select(t => t.Seconds).Order()];
        (double lower, double upper) = ExactInterval.Of(trials.Count(t => t.Verdict == wrong), trials.Count);
        return new()
        {
            ["engine"] = what,
            ["decisions"] = trials.Count,
            ["passed"] = Share(trials, Verdict.Passed),
            ["failed"] = Share(trials, Verdict.Failed),
            ["inconclusive"] = Share(trials, Verdict.Inconclusive),
            ["wrongLower95"] = lower,
            ["wrongUpper95"] = upper,
            ["medianSeconds"] = Percentiles.Median(seconds),
            ["p90Seconds"] = Percentiles.Of(seconds, 90),
        };
    }

    private static OrderedDictionary<string, object> Ratios(string what, List<GateTrial> trials)
    {
        double[] p50 = [.. trials.Select(t => t.Pair.P50.Estimate).Order()];
        double[] throughput = [.. trials.Select(t => t.Pair.Throughput.Estimate).Order()];
        double[] rounds = [.. trials.Select(t => (double)t.Pair.Rounds).Order()];
        return new()
        {
            ["engine"] = what,
            ["p50Minimum"] = p50[0],
            ["p50Median"] = Percentiles.Median(p50),
            ["p50Maximum"] = p50[^1],
            ["throughputMinimum"] = throughput[0],
            ["throughputMedian"] = Percentiles.Median(throughput),
            ["throughputMaximum"] = throughput[^1],
            ["medianRounds"] = Percentiles.Median(rounds),
        };
    }

    private static double Share(List<GateTrial> trials, Verdict verdict) =>
        (double)trials.Count(t => t.Verdict == verdict) / trials.Count;

    private static string Describe(GateTrial trial) =>
        $"{trial.Verdict} after {trial.Seconds:0.0} s, P50 ratio {trial.Pair.P50.Estimate:0.000} " +
        $"({trial.Pair.P50.Low:0.000} to {trial.Pair.P50.High:0.000})";
}
