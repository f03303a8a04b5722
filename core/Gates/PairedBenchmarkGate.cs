using System.Globalization;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Gates;

/// <summary>
/// Judges an engine against the one that serves. Passed only if every judged ratio lies inside the allowance with its whole
/// interval, Failed if one lies outside with its whole interval; what is left open needs more rounds, and is Inconclusive
/// once there is no more time for them. An interval wider than the allowance to both sides leaves its ratio open wherever it
/// lies: so much noise may be all on one side. P99, which takes many samples, decides only where its interval is narrower
/// than its allowance; elsewhere it neither fails nor holds up.
/// </summary>
public static class PairedBenchmarkGate
{
    private enum Position
    {
        Inside,
        Outside,
        Open,
    }

    /// <summary>Whether more rounds of this profile would change nothing.</summary>
    public static bool IsDecided(PairedProfile profile, RegressionLimits limits)
    {
        if (profile.Rounds < PairedSampling.RoundsMinimum) return false;
        JudgedRatio[] ratios = [.. Judged(profile, limits)];
        // A P99 that looks outside is given the time to become narrow.
        return ratios.Any(r => r is { Decides: true, Position: Position.Outside })
            || ratios.All(r => r.Decides ? r.Position == Position.Inside : r.Position != Position.Outside);
    }

    /// <param name="engineDigest">The engine that was compared with the one that serves.</param>
    public static GateDecision Judge(PairedEvidence evidence, string engineDigest, RegressionLimits limits)
    {
        var judgement = new Judgement(BenchmarkGate.Name);
        Judge(evidence, engineDigest, limits, judgement);
        return judgement.Decide("nothing was compared.");
    }

    internal static void Judge(PairedEvidence evidence, string engineDigest, RegressionLimits limits, Judgement judgement)
    {
        string serving = evidence.BaselineVersion.Length > 0
            ? $"version '{evidence.BaselineVersion}', which serves"
            : "the engine that serves";
        if (evidence.BaselineDigest == engineDigest)
        {
            judgement.Note($"It is the engine that serves as version '{evidence.BaselineVersion}'; there is nothing to compare.");
            return;
        }

        if (evidence.Fault is not null || evidence.Profiles.IsDefaultOrEmpty)
        {
            BaselineFault fault = evidence.Fault ?? BaselineFault.NotMeasured;
            string message = evidence.FaultMessage ?? "its worker left it out; update the worker, then retry.";
            judgement.Lack($"It could not be compared with {serving} ({fault}): {message}");
            return;
        }

        foreach (PairedProfile profile in evidence.Profiles) Judge(profile, serving, limits, judgement);
    }

    private static void Judge(PairedProfile profile, string serving, RegressionLimits limits, Judgement judgement)
    {
        string subject = $"Profile '{profile.Profile}'";
        if (profile.Rounds < PairedSampling.RoundsMinimum)
        {
            judgement.Lack(
                $"{subject} was compared with {serving} over {Sentence.Count(profile.Rounds, "round")}, at least "
                + $"{PairedSampling.RoundsMinimum} are needed; a longer regression timeLimit gives more.");
            return;
        }

        foreach (JudgedRatio ratio in Judged(profile, limits))
        {
            string found = $"{subject}: {ratio.Quantity} is {Text(ratio.Interval)} of {serving}; {ratio.Allowed} is allowed";
            switch (ratio)
            {
                case { Decides: false }:
                    judgement.Note($"{found}. It did not decide: its interval is no narrower than the allowance.");
                    break;
                case { Position: Position.Outside }:
                    judgement.Fail($"{found}.");
                    break;
                case { Position: Position.Inside }:
                    judgement.Note($"{found}.");
                    break;
                default:
                    judgement.Lack($"{found}, which {Sentence.Count(profile.Rounds, "round")} leave open; a longer timeLimit tells.");
                    break;
            }
        }
    }

    private static IEnumerable<JudgedRatio> Judged(PairedProfile profile, RegressionLimits limits)
    {
        if (limits.P50Maximum is { } p50) yield return JudgedRatio.AtMost("P50", profile.P50, p50).IfSteady(p50);
        if (limits.P99Maximum is { } p99)
            yield return JudgedRatio.AtMost("P99", profile.P99, p99) with { Decides = profile.P99.Width < p99 };
        if (limits.ThroughputMaximum is { } throughput)
            yield return JudgedRatio.AtLeast("throughput", profile.Throughput, throughput).IfSteady(throughput);
    }

    private static string Text(RatioInterval interval) =>
        $"{Text(interval.Estimate)} ({Text(interval.Low)} to {Text(interval.High)})";

    private static string Text(double ratio) => ratio.ToString("0.0###", CultureInfo.InvariantCulture);

    private sealed record JudgedRatio(string Quantity, RatioInterval Interval, Position Position, string Allowed)
    {
        public bool Decides { get; init; } = true;

        public static JudgedRatio AtMost(string quantity, RatioInterval interval, double share)
        {
            double limit = 1 + share;
            Position position = interval.High <= limit ? Position.Inside : interval.Low > limit ? Position.Outside : Position.Open;
            return new JudgedRatio(quantity, interval, position, $"at most {Text(limit)}");
        }

        public static JudgedRatio AtLeast(string quantity, RatioInterval interval, double share)
        {
            double limit = 1 - share;
            Position position = interval.Low >= limit ? Position.Inside : interval.High < limit ? Position.Outside : Position.Open;
            return new JudgedRatio(quantity, interval, position, $"at least {Text(limit)}");
        }

        public JudgedRatio IfSteady(double share) =>
            Interval.Width <= 2 * share * Interval.Estimate ? this : this with { Position = Position.Open };
    }
}
