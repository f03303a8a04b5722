using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Gates;

/// <summary>
/// Judges measured latency and throughput, profile by profile: against the policy's limits, and against the engine that
/// serves. The worst of both is the verdict.
/// </summary>
public static class BenchmarkGate
{
    public const string Name = "benchmark";

    /// <summary>Fewer timed inferences than this tell nothing about percentiles.</summary>
    public const int SamplesMinimum = 10;

    /// <summary>Where no engine serves: against the limits alone.</summary>
    public static GateDecision Judge(BenchmarkEvidence evidence, BenchmarkLimits limits) => Judge(evidence, null, "", limits);

    /// <param name="paired">The comparison with the engine that serves; null where none served.</param>
    /// <param name="engineDigest">The engine that was measured.</param>
    public static GateDecision Judge(
        BenchmarkEvidence evidence, PairedEvidence? paired, string engineDigest, BenchmarkLimits limits)
    {
        var judgement = new Judgement(Name);
        if (paired is not null && limits.Regression is { } regression)
            PairedBenchmarkGate.Judge(paired, engineDigest, regression, judgement);
        if (evidence.Profiles.IsDefaultOrEmpty)
        {
            judgement.Lack("No shape profile was measured.");
            return judgement.Decide("");
        }

        foreach (ProfileBenchmark profile in evidence.Profiles)
        {
            string subject = $"Profile '{profile.Profile}'";
            if (profile.Samples < SamplesMinimum)
            {
                judgement.Lack(
                    $"{subject} was timed {Sentence.Count(profile.Samples, "time")}, at least {SamplesMinimum} are needed; "
                    + "a longer benchmark duration gives more.");
                continue;
            }

            judgement.AtMost(subject, "P50 in ms", profile.P50Milliseconds, limits.P50MillisecondsMaximum);
            judgement.AtMost(subject, "P90 in ms", profile.P90Milliseconds, limits.P90MillisecondsMaximum);
            judgement.AtMost(subject, "P99 in ms", profile.P99Milliseconds, limits.P99MillisecondsMaximum);
            judgement.AtLeast(
                subject, "throughput per second", profile.ThroughputPerSecond, limits.ThroughputPerSecondMinimum, best: null);
        }

        ProfileBenchmark slowest = evidence.Profiles.MaxBy(p => p.P50Milliseconds)!;
        return judgement.Decide(
            $"P50 {slowest.P50Milliseconds:0.###} ms over {Sentence.Count(slowest.Samples, "run")} of profile '{slowest.Profile}'.");
    }
}
