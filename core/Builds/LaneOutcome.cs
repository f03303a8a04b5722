using Pipeline.Core.Events;
using Pipeline.Core.Gates;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Builds;

/// <summary>
/// What a message means for a lane. The first outcome of the present attempt counts; any other message is a duplicate, late,
/// or meant for another row, and gives null: nothing to write.
/// </summary>
public static class LaneOutcome
{
    /// <summary>An engine was built and measured: both gates judge the report.</summary>
    /// <param name="report">The report that <paramref name="message"/> names by its digest.</param>
    public static LaneRecord? OnBuilt(
        LaneRecord current, EngineBuilt message, BuildReport report, Promotion promotion, DateTimeOffset now)
    {
        if (message.AcceptanceNumber != promotion.AcceptanceNumber
            || !Concerns(current, message.Lane, message.Attempt)) return null;
        if (!Fits(message, report))
        {
            return Failed(
                current, BuildFailureKind.BadRequest, "The worker's report speaks of another build; retry the lane.", now);
        }

        GateDecision accuracy = AccuracyGate.Judge(report.Accuracy, promotion.Policy.Accuracy);
        GateDecision benchmark = BenchmarkGate.Judge(
            report.Benchmark, Paired(current, report), report.EngineDigest, promotion.Policy.Benchmark);
        return current with
        {
            Phase = Phase(accuracy.Verdict, benchmark.Verdict),
            FinishedAt = now,
            EngineKey = message.EngineKey,
            EngineDigest = message.EngineDigest,
            EngineSizeBytes = report.EngineSizeBytes,
            DeviceMemoryBytes = DeviceMemory(report),
            ReportSha256 = message.ReportSha256,
            Reused = report.Reused,
            BaselineDigest = report.Paired?.BaselineDigest,
            Driver = report.Worker.GetValueOrDefault("driver"),
            Decisions = [accuracy, benchmark],
            Stages = report.Stages,
        };
    }

    /// <summary>A build ended without an engine.</summary>
    public static LaneRecord? OnFailed(LaneRecord current, EngineFailed message, DateTimeOffset now) =>
        Concerns(current, message.Lane, message.Attempt) ? Failed(current, message.Kind, message.Message, now) : null;

    /// <summary>Nobody finished in time.</summary>
    public static LaneRecord? OnDeadline(LaneRecord current, PromotionPolicy policy, DateTimeOffset now)
    {
        if (current.Phase != LanePhase.Queued || now - current.QueuedAt <= policy.BuildDeadline) return null;
        string limit = DurationText.Write(policy.BuildDeadline);
        return Failed(
            current, BuildFailureKind.DeadlineExceeded,
            $"No worker of '{current.Lane}' finished attempt {current.Attempt} within {limit}; see whether one runs, then retry.",
            now);
    }

    /// <summary>Builds the lane once more; messages of earlier attempts no longer count.</summary>
    public static LaneRecord Retry(LaneRecord current, DateTimeOffset now) => new()
    {
        Lane = current.Lane,
        Phase = LanePhase.Queued,
        Attempt = current.Attempt + 1,
        QueuedAt = now,
        EdgeDrivers = current.EdgeDrivers,
    };

    /// <summary>
    /// Queues a lane that passed against another engine than the one that serves its runtime now: what it was compared with
    /// says nothing about the present one. Its engine is found by its key and only measured. Null when nothing has to be
    /// measured: the lane is not next on the route, the policy compares nothing, nothing serves, or it is the same engine.
    /// </summary>
    public static LaneRecord? MeasureAgain(LaneRecord current, Promotion promotion, RouteState? route, DateTimeOffset now)
    {
        if (promotion.End is not null || PromotionFold.FoldLane(promotion, current, route) != PromotionState.Gated) return null;
        string? serving = BuildPlanner.Baseline(promotion, current.Lane, route)?.EngineDigest;
        return serving is null || serving == current.BaselineDigest || serving == current.EngineDigest
            ? null
            : Retry(current, now) with { BaselineDigest = serving };
    }

    // A worker that leaves out the comparison must not make the lane go round for ever.
    private static PairedEvidence? Paired(LaneRecord current, BuildReport report) =>
        report.Paired ?? (current.BaselineDigest is { } asked ? PairedEvidence.NotMeasured(asked, "") : null);

    private static bool Concerns(LaneRecord current, Lane lane, int attempt) =>
        current.Phase == LanePhase.Queued && current.Lane == lane && current.Attempt == attempt;

    private static bool Fits(EngineBuilt message, BuildReport report) =>
        report.Model == message.Model && report.Version == message.Version && report.Lane == message.Lane
        && report.AcceptanceNumber == message.AcceptanceNumber && report.Attempt == message.Attempt
        && report.EngineKey == message.EngineKey && report.EngineDigest == message.EngineDigest;

    // A worker's figure that cannot be one must not keep the engine from every edge.
    private static long? DeviceMemory(BuildReport report) =>
        report.Benchmark.DeviceMemoryBytes is > 0 and <= RoutedEngine.DeviceMemoryBytesMaximum
            ? report.Benchmark.DeviceMemoryBytes
            : null;

    private static LanePhase Phase(Verdict accuracy, Verdict benchmark)
    {
        Verdict[] verdicts = [accuracy, benchmark];
        return verdicts.Contains(Verdict.Failed) ? LanePhase.Failed
            : verdicts.Contains(Verdict.Inconclusive) ? LanePhase.Inconclusive
            : LanePhase.Passed;
    }

    private static LaneRecord Failed(LaneRecord current, BuildFailureKind kind, string message, DateTimeOffset now) =>
        current with
        {
            Phase = LanePhase.Error,
            FinishedAt = now,
            Failure = new LaneFailure { Kind = kind, Message = Sentence.Bound(message) },
        };
}
