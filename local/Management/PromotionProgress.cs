using System.Collections.Immutable;
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
    /// The state, and what its lanes and routes are at: a part for each lane that is worked on. What is done changes seldom, the
    /// fraction often.
    /// </summary>
    public static (string State, ImmutableArray<(string What, string Fraction)> Parts) Of(PromotionView view)
    {
        Promotion promotion = view.Promotion;
        ImmutableArray<(string, string)> working = promotion.State != PromotionState.Building ? [] :
        [
            .. from lane in view.Lanes
               let progress = lane.Progress
               where lane.Record.Phase == LanePhase.Queued && progress?.Attempt == lane.Record.Attempt
               select ($"{LaneText.Of(lane.Record.Lane)}: {progress.Stage}", FractionOf(progress)),
        ];
        return ($"{promotion.State,-10}", working.IsEmpty ? [(promotion.StateReason, "")] : working);
    }

    /// <summary>The candidate's share, such as <c>10 %</c>.</summary>
    public static string WeightOf(Route route) =>
        string.Create(CultureInfo.InvariantCulture, $"{route.CandidateWeight / 100.0:0.##} %");

    /// <summary>Such as <c>40 %</c>; empty where the worker cannot tell.</summary>
    public static string FractionOf(LaneProgress progress) => progress.Fraction is { } fraction
        ? string.Create(CultureInfo.InvariantCulture, $"{fraction * 100:0} %")
        : "";
}
