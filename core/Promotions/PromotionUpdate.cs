using Pipeline.Core.Naming;

namespace Pipeline.Core.Promotions;

/// <summary>What the fold means for the stored row, deadlines included.</summary>
public static class PromotionUpdate
{
    /// <summary>The row to write; null when it says all that already.</summary>
    /// <param name="current">The row that <paramref name="summary"/> was folded from; write it only over that one.</param>
    public static Promotion? Next(Promotion current, PromotionSummary summary, DateTimeOffset now)
    {
        // Traffic is not taken away by an end: a rollout that nobody resumes is withdrawn on its route.
        if (current is { End: null, Hold: { } held } && summary is { State: PromotionState.Held, HasTraffic: false }
            && held.Deadline < now)
        {
            return Expired(current, held, now);
        }

        Promotion told = summary.MeasuredAgain.Aggregate(
            current, (row, text) => row.WithNotice(Sentence.Bound(text) + ".", now));
        Promotion next = told with
        {
            State = summary.State,
            StateReason = summary.Reason,
            StateSince = current.State == summary.State ? current.StateSince : now,
            Hold = summary.State != PromotionState.Held ? null
                : current.Hold is { } same && IsSame(same, summary) ? same
                : new PromotionHold { Reason = summary.Reason, Since = now, Deadline = now + current.Policy.HoldDeadline },
        };
        return next == current ? null : next;
    }

    // Another rollout that is paused now has its own time. Before traffic the reason changes with every lane, and is one wait.
    private static bool IsSame(PromotionHold hold, PromotionSummary summary) =>
        !summary.HasTraffic || hold.Reason == summary.Reason;

    private static Promotion Expired(Promotion current, PromotionHold hold, DateTimeOffset now)
    {
        string reason = Sentence.Bound($"Nobody decided before the deadline {hold.Deadline:u}: {hold.Reason}");
        return current with
        {
            State = PromotionState.Cancelled,
            StateReason = reason,
            StateSince = now,
            Hold = null,
            End = new PromotionEnd { State = PromotionState.Cancelled, Reason = reason, Who = Actors.Pipeline, At = now },
        };
    }
}
