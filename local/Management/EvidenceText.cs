using System.Globalization;
using Pipeline.Core.Rollouts;

namespace Pipeline.Local.Management;

/// <summary>The numbers of a rollout decision, for people.</summary>
public static class EvidenceText
{
    /// <summary>Both sides in one line.</summary>
    public static string Of(RolloutEvidence evidence) =>
        $"candidate {Of(evidence.Candidate)}; stable {Of(evidence.Stable)}";

    private static string Of(SideEvidence side)
    {
        string counts = string.Create(CultureInfo.InvariantCulture, $"{side.Errors} of {side.Requests} requests failed");
        string latency = side.Requests == side.Errors
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture, $", P50 {side.P50Milliseconds:0.##} ms, P99 {side.P99Milliseconds:0.##} ms");
        string shadow = side.ShadowCompared == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {side.ShadowDiverged} of {side.ShadowCompared} shadows diverged");
        return counts + latency + shadow;
    }
}
