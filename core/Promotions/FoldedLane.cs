using Pipeline.Core.Gates;

namespace Pipeline.Core.Promotions;

/// <summary>A lane in the fold of its promotion, and what there is to say about it.</summary>
/// <param name="Obstacle">Why it passed and still does not go on its route; null when nothing keeps it.</param>
/// <param name="StableVersion">What serves its target; null when nothing does.</param>
internal sealed record FoldedLane(LaneRecord Record, PromotionState State, FoldedLane.Wait? Obstacle, string? StableVersion)
{
    /// <summary>What a lane waits for, and what a person can do about it.</summary>
    public sealed record Wait(string Reason, string Then);

    public bool IsOnRoute => State is PromotionState.Live or PromotionState.RollingOut;

    /// <summary>What a new measurement said against an engine that serves; null when none did.</summary>
    public string? FailedAgain => IsOnRoute && Record.Phase is LanePhase.Failed or LanePhase.Inconclusive or LanePhase.Error
        ? $"{Trouble()} when it was measured again (attempt {Record.Attempt}); its engine serves on until a person retries or "
            + "rolls back"
        : null;

    public string Describe() => FailedAgain ?? Record.Phase switch
    {
        LanePhase.Failed or LanePhase.Inconclusive or LanePhase.Error => Trouble() + Stays(),
        _ => State switch
        {
            PromotionState.RolledBack => $"{Record.Lane} was rolled back",
            PromotionState.Superseded => $"{Record.Lane} was superseded",
            _ => Obstacle?.Reason ?? "",
        },
    };

    private string Trouble() => Record.Phase switch
    {
        LanePhase.Failed => $"{Record.Lane} failed {GateReason(Verdict.Failed)}",
        LanePhase.Inconclusive => $"{Record.Lane} lacks evidence for {GateReason(Verdict.Inconclusive)}",
        _ => $"{Record.Lane} could not be built: {Trim(Record.Failure?.Message ?? "the reason is not known")}",
    };

    private string Stays() => StableVersion is null ? "" : $" ({Record.Lane.Target} stays on version '{StableVersion}')";

    private string GateReason(Verdict verdict)
    {
        GateDecision? decision = Record.Decisions.FirstOrDefault(d => d.Verdict == verdict);
        return decision is null ? "a gate" : $"the {decision.Gate} gate: {Trim(string.Join(" ", decision.Reasons))}";
    }

    private static string Trim(string sentence) => sentence.TrimEnd('.', ' ');
}
