using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Management;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Local.Management;

/// <summary>The life of a version in order of time, told from the stored timestamps alone.</summary>
public static class PromotionTimeline
{
    /// <param name="view">The promotion with its lanes.</param>
    /// <param name="history">Route changes of the promotion's targets; those of other models and versions are left
    /// out.</param>
    public static ImmutableArray<TimelineEntry> Of(PromotionView view, IEnumerable<RouteHistoryEntry> history)
    {
        Promotion promotion = view.Promotion;
        var entries = new List<(DateTimeOffset At, string What)> { (promotion.UploadedAt, "uploaded") };
        if (promotion.AcceptedAt is { } acceptedAt)
            entries.Add((acceptedAt, $"accepted as number {promotion.AcceptanceNumber}"));
        foreach (LaneView lane in view.Lanes) entries.AddRange(OfLane(lane.Record));
        if (promotion.Approval is { } approval)
            entries.Add((approval.At, $"approved by {approval.Who}{Because(approval.Why)}"));
        if (promotion.Hold is { } hold)
            entries.Add((hold.Since, $"held until {Time(hold.Deadline)}: {hold.Reason}"));
        if (promotion.End is { } end) entries.Add((end.At, $"{end.State} by {end.Who}: {end.Reason}"));
        entries.AddRange(promotion.Notices.Select(notice => (notice.At, $"note: {notice.Text}")));
        entries.AddRange(history.Where(e => Concerns(e, promotion)).Select(e =>
            (e.At, $"route {e.After.Target}{LaneText.MarkOf(e.After)} revision {e.Revision} by {e.Who}: {e.Why}{Numbers(e)}")));
        entries.Add((promotion.StateSince, $"{promotion.State}: {promotion.StateReason}"));
        return
        [
            .. entries.OrderBy(e => e.At).Select(e => new TimelineEntry
            {
                At = e.At,
                Seconds = (e.At - promotion.UploadedAt).TotalSeconds,
                What = e.What,
            }),
        ];
    }

    private static IEnumerable<(DateTimeOffset At, string What)> OfLane(LaneRecord lane)
    {
        string name = LaneText.Of(lane.Lane);
        yield return (lane.QueuedAt, $"{name} queued{(lane.Attempt > 1 ? $", attempt {lane.Attempt}" : "")}");
        if (lane.FinishedAt is not { } finished) yield break;
        string stages = string.Join(", ", lane.Stages.Select(s => $"{s.Stage} {Seconds(s.Seconds)}"));
        string engine = lane.Reused ? "engine reused" : "engine built";
        string gates = string.Join(", ", lane.Decisions.Select(d => $"{d.Gate} {d.Verdict}"));
        yield return (finished, lane.Failure is { } failure
            ? $"{name} {lane.Phase}: {failure.Kind}: {failure.Message}"
            : $"{name} {engine} ({stages}); gates: {gates}");
    }

    private static string Numbers(RouteHistoryEntry entry) =>
        entry.Evidence is { } evidence ? $" [{EvidenceText.Of(evidence)}]" : "";

    private static bool Concerns(RouteHistoryEntry entry, Promotion promotion) =>
        entry.After.Model == promotion.Model && Names(entry, promotion.Version);

    private static bool Names(RouteHistoryEntry entry, string version) =>
        new[] { entry.Before?.Stable, entry.Before?.Candidate, entry.After.Stable, entry.After.Candidate }
            .Any(v => v?.Version == version);

    private static string Because(string? why) => why is null ? "" : $": {why}";

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    private static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
