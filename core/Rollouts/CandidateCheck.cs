using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Rollouts;

/// <summary>
/// Whether a candidate is worse than its policy allows, on the counts of one step. Within a step the split holds still, so both
/// sides have the same hours and the same trouble in the same proportion; counts of several steps together would blame the
/// candidate for a bad hour in which it had more of the traffic.
/// </summary>
internal static class CandidateCheck
{
    /// <summary>
    /// With at most this probability a candidate that is no worse than allowed is withdrawn at any look in a whole rollout of
    /// one target. Requests count as independent.
    /// </summary>
    public const double FalseWithdrawalShare = 0.01;

    // Errors and latency bound stable and candidate, shadows the candidate alone.
    private const int Bounds = 5;
    private const double P99 = 0.99;

    // Of fewer answers P99 is the slowest one, and the first ones of a new engine are slow.
    private const int AnswersMinimum = 100;

    /// <summary>Why it is surely worse, with the numbers; null when that is not shown.</summary>
    /// <param name="samplesMinimum">The step's: where nobody asks stable, fewer requests show nothing.</param>
    public static string? Proven(RolloutPolicy policy, int samplesMinimum, WindowCounters stable, WindowCounters candidate)
    {
        double error = FalseWithdrawalShare / Bounds / policy.Steps.Length;
        return MoreErrors(policy, samplesMinimum, stable, candidate, error)
            ?? Slower(policy, stable, candidate, error)
            ?? Diverged(policy, candidate, error);
    }

    /// <summary>
    /// Why it looks worse, by its plain numbers: it may be chance, and is no reason to give it more users. Null when it does not.
    /// </summary>
    public static string? Suspected(RolloutPolicy policy, WindowCounters stable, WindowCounters candidate) =>
        HasMoreErrors(policy, stable, candidate)
            ? $"{Failed(candidate)}, stable {stable.Errors} of {stable.Requests}"
            : SlowerRatio(policy, stable, candidate) is { } ratio
                ? $"P99 is about {ratio:0.##} times stable's"
                : HasDiverged(policy, candidate) ? Diverged(candidate) : null;

    private static string? MoreErrors(
        RolloutPolicy policy, int samplesMinimum, WindowCounters stable, WindowCounters candidate, double error)
    {
        if (!HasMoreErrors(policy, stable, candidate)) return null;
        // One user whose requests fail on any version may be all that asked.
        if (stable.Requests == 0 && candidate.Requests < samplesMinimum) return null;
        double least = ConfidenceSequence.Lower(candidate.Errors, candidate.Requests, error);
        // Where nobody asks stable, the candidate answers for itself: it must not fail for ever because it fails alone.
        double most = stable.Requests == 0 ? 0 : ConfidenceSequence.Upper(stable.Errors, stable.Requests, error);
        return least > most + policy.ErrorShareIncreaseMaximum
            ? $"{Failed(candidate)}, stable {stable.Errors} of {stable.Requests}: with 99 % confidence at least {least:P2}, where "
                + $"at most {most + policy.ErrorShareIncreaseMaximum:P2} is allowed."
            : null;
    }

    private static string? Slower(RolloutPolicy policy, WindowCounters stable, WindowCounters candidate, double error)
    {
        if (SlowerRatio(policy, stable, candidate) is null) return null;
        double least = LatencyQuantile.P99AtLeast(candidate.Latency, error);
        double most = LatencyQuantile.P99AtMost(stable.Latency, error) * policy.P99RatioMaximum!.Value;
        return least > most
            ? $"P99 is about {LatencyQuantile.Estimate(candidate.Latency, P99):0.##} ms, stable "
                + $"{LatencyQuantile.Estimate(stable.Latency, P99):0.##} ms: with 99 % confidence at least {least:0.##} ms, where at "
                + $"most {most:0.##} ms is allowed."
            : null;
    }

    private static string? Diverged(RolloutPolicy policy, WindowCounters candidate, double error)
    {
        if (!HasDiverged(policy, candidate)) return null;
        double least = ConfidenceSequence.Lower(candidate.ShadowDiverged, candidate.ShadowCompared, error);
        return least > policy.Shadow!.DivergedShareMaximum
            ? $"{Diverged(candidate)}: with 99 % confidence at least {least:P2}, where at most "
                + $"{policy.Shadow.DivergedShareMaximum:P2} is allowed."
            : null;
    }

    // What is proven is also suspected: a bound lies beyond the plain number. So the plain numbers, which cost little, are asked
    // first.
    private static bool HasMoreErrors(RolloutPolicy policy, WindowCounters stable, WindowCounters candidate) =>
        candidate.Errors >= RolloutAnalysis.FaultsMinimum
        && Share(candidate.Errors, candidate.Requests)
            > Share(stable.Errors, stable.Requests) + policy.ErrorShareIncreaseMaximum;

    private static double? SlowerRatio(RolloutPolicy policy, WindowCounters stable, WindowCounters candidate)
    {
        long answered = candidate.Requests - candidate.Errors;
        if (policy.P99RatioMaximum is not { } ratio || answered < AnswersMinimum) return null;
        // Among some hundreds the slowest hundredth is one or two: then the third slowest has to be too slow.
        double third = 1 - (double)RolloutAnalysis.FaultsMinimum / answered;
        double slow = LatencyQuantile.Estimate(candidate.Latency, Math.Min(P99, third));
        double of = LatencyQuantile.Estimate(stable.Latency, P99);
        return of > 0 && slow > ratio * of ? slow / of : null;
    }

    private static bool HasDiverged(RolloutPolicy policy, WindowCounters candidate) =>
        policy.Shadow is { } shadow && candidate.ShadowDiverged >= RolloutAnalysis.FaultsMinimum
        && Share(candidate.ShadowDiverged, candidate.ShadowCompared) > shadow.DivergedShareMaximum;

    private static double Share(long hits, long total) => total <= 0 ? 0 : (double)hits / total;

    private static string Failed(WindowCounters candidate) =>
        $"{candidate.Errors} of {Sentence.Count(candidate.Requests, "request")} failed";

    private static string Diverged(WindowCounters candidate) =>
        $"{candidate.ShadowDiverged} of {Sentence.Count(candidate.ShadowCompared, "shadow answer")} diverged or failed";
}
