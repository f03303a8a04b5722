using System.Globalization;
using Pipeline.Core.Builds;
using Pipeline.Core.Management;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Local.Management;

/// <summary>What a promotion is doing now, in one line.</summary>
public static class PromotionProgress
{
    /// <summary>Whether the promotion has ended, serves, or waits for a person.</summary>
    public static bool IsSettled(PromotionState state) =>
        state is not (
            PromotionState.Accepted or PromotionState.Building or PromotionState.Gated or PromotionState.RollingOut);

    /// <summary>
    /// The state with what its lanes and routes are at. The stage changes seldom, the fraction often.
    /// </summary>
    public static (string Stage, string Fraction) Of(PromotionView view)
    {
        Promotion promotion = view.Promotion;
        string state = $"{promotion.State,-10}";
        LaneView? working = view.Lanes.FirstOrDefault(l =>
            l.Record.Phase == LanePhase.Queued && l.Progress?.Attempt == l.Record.Attempt);
        return promotion.State == PromotionState.Building && working?.Progress is { } progress
            ? ($"{state}  {working.Record.Lane}: {progress.Stage}", FractionOf(progress))
            : ($"{state}  {promotion.StateReason}", "");
    }

    /// <summary>The candidate's share, such as <c>10 %</c>.</summary>
    public static string WeightOf(Route route) =>
        string.Create(CultureInfo.InvariantCulture, $"{route.CandidateWeight / 100.0:0.##} %");

    private static string FractionOf(LaneProgress progress) => progress.Fraction is { } fraction
        ? string.Create(CultureInfo.InvariantCulture, $"{fraction * 100:0} %")
        : "";
}
