using System.Collections.Concurrent;
using System.Diagnostics;
using Pipeline.Bench.Reporting;
using Pipeline.Bench.Rollouts;
using Pipeline.Core.Policies;
using Pipeline.Core.Rollouts;
using Pipeline.Engines.Benchmarks;

namespace Pipeline.Bench;

/// <summary>
/// How well rollouts decide: many simulated ones in virtual time, decided by the code that decides in the functions, over
/// what may be wrong with a candidate and over the traffic that shows it.
/// </summary>
internal static class RolloutBench
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);

    private static readonly RolloutPolicy Policy = new()
    {
        Steps =
        [
            new() { WeightPercent = 5, BakeTime = TimeSpan.FromMinutes(5), MinimumSamples = 500 },
            new() { WeightPercent = 25, BakeTime = TimeSpan.FromMinutes(10), MinimumSamples = 2500 },
            new() { WeightPercent = 50, BakeTime = TimeSpan.FromMinutes(10), MinimumSamples = 5000 },
        ],
        ErrorShareIncreaseMaximum = 0.005,
        P99RatioMaximum = 1.1,
        Shadow = new ShadowPolicy { SharePercent = 10, DivergedShareMaximum = 0.01 },
    };

    private static readonly (string Name, double PerSecond)[] Traffic =
        [("1 a minute", 1 / 60.0), ("1 a second", 1), ("100 a second", 100), ("10000 a second", 10_000)];

    private static readonly SimulatedVersion Equal = new() { Version = "2" };

    private static readonly (string Name, SimulatedVersion Candidate)[] Injected =
    [
        ("nothing", Equal),
        ("errors +1 %", Equal with { ErrorShare = Equal.ErrorShare + 0.01 }),
        ("P99 +20 %", Equal with { P50Milliseconds = Equal.P50Milliseconds * 1.2 }),
        ("outputs drifted", Equal with { DivergedShare = 0.05 }),
        ("every request fails", Equal with { ErrorShare = 1 }),
    ];

    public static Task<BenchResult> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        int runs = settings.Quick ? 20 : 500;
        List<Cell> cells = [];
        foreach ((string injected, SimulatedVersion candidate) in Injected)
        {
            foreach ((string traffic, double perSecond) in Traffic)
            {
                long start = Stopwatch.GetTimestamp();
                var rollout = new SimulatedRollout
                {
                    Policy = Policy,
                    RequestsPerSecond = perSecond,
                    Tick = Tick,
                    Candidate = candidate,
                };
                var cell = new Cell(injected, traffic, perSecond, candidate == Equal, Run(rollout, runs, cancellationToken));
                cells.Add(cell);
                settings.Say($"rollout: {injected}, {traffic}: {runs} runs in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
            }
        }

        Cell[] equal = [.. cells.Where(c => c.IsEqual)];
        Cell[] worse = [.. cells.Where(c => !c.IsEqual)];
        Cell[] busy = [.. worse.Where(c => c.PerSecond >= 100)];
        (_, double falsely) = ExactInterval.Of(equal.Sum(c => c.Count(RolloutAction.Withdraw)), equal.Sum(c => c.Runs.Length));
        double caught = busy.Min(c => c.Percent(RolloutAction.Withdraw));
        return Task.FromResult(new BenchResult
        {
            Name = "rollout",
            What = $"{runs} simulated rollouts a row, {Tick.TotalSeconds} s between looks; {Text(Policy)}; stable fails "
                + $"{Equal.ErrorShare:P1}, P99 12.5 ms (log-logistic), {Equal.DivergedShare:P1} of equal outputs diverge, 5 % of drifted",
            Tables =
            [
                new BenchTable("a candidate as good as stable", [.. equal.Select(c => c.EqualRow())]),
                new BenchTable("a worse candidate", [.. worse.Select(c => c.WorseRow())]),
            ],
            Goals =
            [
                new BenchGoal("false withdrawals, upper 95 % bound in percent, at most 1", falsely * 100, falsely <= 0.01),
                new BenchGoal("worse candidates withdrawn at 100 a second and more, worst row in percent, at least 99", caught, caught >= 99),
            ],
        });
    }

    private static RolloutRun[] Run(SimulatedRollout rollout, int runs, CancellationToken cancellationToken)
    {
        var done = new ConcurrentBag<RolloutRun>();
        var options = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        Parallel.For(0, runs, options, seed => done.Add(rollout.Run(seed)));
        return [.. done];
    }

    private static string Text(RolloutPolicy policy)
    {
        IEnumerable<string> steps = policy.Steps.Select(s =>
            $"{s.WeightPercent:0.##} % for {s.BakeTime.TotalMinutes:0.##} min and {s.MinimumSamples} requests");
        return $"steps {string.Join(", ", steps)}; p99Ratio {policy.P99RatioMaximum}, errorShareIncrease "
            + $"{policy.ErrorShareIncreaseMaximum}, shadow {policy.Shadow!.SharePercent} % with divergedShare "
            + $"{policy.Shadow.DivergedShareMaximum}, maximumWait {policy.MaximumWait.TotalHours} h, then hold";
    }

    private sealed record Cell(string Injected, string Traffic, double PerSecond, bool IsEqual, RolloutRun[] Runs)
    {
        public long Count(RolloutAction end) => Runs.LongCount(r => r.End == end);

        public double Percent(RolloutAction end) => Count(end) * 100.0 / Runs.Length;

        public OrderedDictionary<string, object> EqualRow()
        {
            (double lower, double upper) = ExactInterval.Of(Count(RolloutAction.Withdraw), Runs.Length);
            return new()
            {
                ["traffic"] = Traffic,
                ["falselyWithdrawnPercent"] = Percent(RolloutAction.Withdraw),
                ["lower95Percent"] = lower * 100,
                ["upper95Percent"] = upper * 100,
                ["promotedPercent"] = Percent(RolloutAction.Promote),
                ["heldPercent"] = Percent(RolloutAction.Hold),
                ["toLiveMedianMinutes"] = Minutes(RolloutAction.Promote, 50),
                ["toLiveP90Minutes"] = Minutes(RolloutAction.Promote, 90),
            };
        }

        public OrderedDictionary<string, object> WorseRow() => new()
        {
            ["injected"] = Injected,
            ["traffic"] = Traffic,
            ["withdrawnPercent"] = Percent(RolloutAction.Withdraw),
            ["heldPercent"] = Percent(RolloutAction.Hold),
            ["promotedPercent"] = Percent(RolloutAction.Promote),
            ["toWithdrawMedianMinutes"] = Minutes(RolloutAction.Withdraw, 50),
            ["toWithdrawP90Minutes"] = Minutes(RolloutAction.Withdraw, 90),
            ["requestsHurtMeanPercent"] = Runs.Average(r => r.Requests == 0 ? 0 : r.Candidate * 100.0 / r.Requests),
        };

        private object Minutes(RolloutAction end, double percentile)
        {
            double[] minutes = [.. Runs.Where(r => r.End == end).Select(r => r.After.TotalMinutes).Order()];
            return minutes.Length == 0 ? "-" : Percentiles.Of(minutes, percentile);
        }
    }
}
