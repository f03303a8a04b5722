using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Gates;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;

namespace Pipeline.Engines.Benchmarks;

/// <summary>
/// Measures two loaded engines in turns, on the same inputs, profile by profile, until the gate is decided at one of its
/// looks or the time is over. A round is two blocks of each engine, A B B A or B A A B by a seeded draw, short enough for
/// both to meet the same machine.
/// </summary>
public static class PairedBenchmark
{
    /// <summary>Long enough for a median, short enough for the four blocks of a round to meet the same machine.</summary>
    private const double BlockMilliseconds = 15;

    private const int RunsMaximum = 256;

    private const int CalibrationRuns = 5;

    /// <param name="baseline">The engine that serves; it takes the inputs of <paramref name="candidate"/>.</param>
    /// <param name="profiles">As <see cref="ShapeProfiles.Resolve"/> gave them for the candidate.</param>
    /// <param name="regression">Tell when a profile is decided, and how long it may take.</param>
    /// <param name="warmUp">Of each engine at each profile, before it is timed; beyond the time limit.</param>
    /// <param name="progress">Told 0 to 1 of the time limit, some times a second.</param>
    /// <exception cref="EngineException">An engine does not run the inputs.</exception>
    public static ImmutableArray<PairedProfile> Run(
        IEngine baseline,
        IEngine candidate,
        ImmutableArray<ShapeProfile> profiles,
        RegressionLimits regression,
        TimeSpan warmUp,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        var results = ImmutableArray.CreateBuilder<PairedProfile>(profiles.Length);
        TimeSpan left = regression.TimeLimit;
        foreach (ShapeProfile profile in profiles)
        {
            // What an early decision leaves over goes to the profiles that follow.
            TimeSpan share = left / (profiles.Length - results.Count);
            int done = results.Count;
            void Report(double part) => progress?.Report((done + part) / profiles.Length);
            using var pair = new EnginePair(baseline, candidate, profile);
            pair.WarmUp(warmUp, cancellationToken);
            long start = Stopwatch.GetTimestamp();
            results.Add(Measure(pair, profile.Name, share, regression, Report, cancellationToken));
            left -= Stopwatch.GetElapsedTime(start);
        }

        progress?.Report(1);
        return results.MoveToImmutable();
    }

    /// <summary>Why the engine that serves cannot run the new one's inputs, one sentence; null when it can.</summary>
    public static string? Refusal(
        IEngine baseline, IEngine candidate, ImmutableArray<ShapeProfile> profiles, CancellationToken cancellationToken)
    {
        foreach (ShapeProfile profile in profiles)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var pair = new EnginePair(baseline, candidate, profile);
                pair.TryBaseline();
            }
            catch (EngineException e)
            {
                return $"it does not run the new engine's inputs of profile '{profile.Name}': {e.Message}";
            }
        }

        return null;
    }

    private static PairedProfile Measure(
        EnginePair pair, string profile, TimeSpan time, RegressionLimits regression, Action<double> report,
        CancellationToken cancellationToken)
    {
        double runMilliseconds = pair.RunMilliseconds(CalibrationRuns, cancellationToken);
        int runs = (int)Math.Clamp(BlockMilliseconds / runMilliseconds, 1, RunsMaximum);
        var rounds = new List<PairedRound>();
        // Which engine begins must not follow a rhythm of the machine; the same order every time makes runs comparable.
        var order = new Random(1);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            rounds.Add(pair.Round(runs, baselineFirst: order.Next(2) == 0, cancellationToken));
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            report(elapsed < time ? elapsed / time : 1);
            bool last = elapsed >= time || rounds.Count == PairedSampling.RoundsMaximum;
            if (!last && !PairedSampling.IsLook(rounds.Count)) continue;
            PairedProfile seen = PairedBootstrap.Estimate(profile, rounds, seed: 1);
            if (last || PairedBenchmarkGate.IsDecided(seen, regression)) return seen;
            // What the look left behind is collected now, not within a block.
            GC.Collect();
        }
    }
}
