using Pipeline.Cloud.Engines;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Builds;
using Pipeline.Core.Events;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Signing;
using Pipeline.Functions.Promotions;

namespace Pipeline.Functions.Gates;

/// <summary>Judges what workers report and writes each lane's outcome.</summary>
public sealed class LaneOutcomes(
    PromotionStore promotions,
    LaneStore lanes,
    ReportStore reports,
    ISigner signer,
    EventPublisher events,
    PromotionAdvancer advancer,
    TimeProvider time)
{
    /// <summary>Judges a built engine; answers why the message cannot be used, or null.</summary>
    public async Task<string?> OnBuiltAsync(EngineBuilt built, CancellationToken cancellationToken)
    {
        var id = new ModelVersion(built.Model, built.Version);
        if (await promotions.ReadAsync(id, cancellationToken) is not { } stored) return $"No upload '{id}' is known.";
        BuildReport? report = await reports.ReadAsync(id, built.Lane, built.ReportSha256, cancellationToken);
        if (report is null)
        {
            // A newer attempt may have replaced the report; then this message speaks of nothing that is still waited for.
            LaneRecord? waiting = (await lanes.ReadAsync(id, built.Lane, cancellationToken))?.Value;
            return waiting is { Phase: LanePhase.Queued } && waiting.Attempt == built.Attempt
                ? $"The report of '{id}' on '{built.Lane}' does not have the digest that the event names."
                : null;
        }

        LaneRecord? judged = await WriteAsync(id, built, report, stored.Value, cancellationToken);
        // Also when an earlier delivery wrote it, which may have ended before it told: the same event has the same id.
        if (judged is not null && judged.Phase != LanePhase.Queued && judged.Attempt == built.Attempt
            && judged.ReportSha256 == built.ReportSha256) await AnnounceAsync(id, judged, stored.Value.TraceParent, cancellationToken);
        await advancer.AdvanceAsync(id, cancellationToken);
        return null;
    }

    private async Task<LaneRecord?> WriteAsync(
        ModelVersion id, EngineBuilt built, BuildReport report, Promotion promotion, CancellationToken cancellationToken)
    {
        // Signed only once the gates are known to pass; deciding is pure, so deciding again on the fresh row is free.
        LaneRecord? before = (await lanes.ReadAsync(id, built.Lane, cancellationToken))?.Value;
        SignedEnvelope? statement = before is not null && Judge(before) is { Phase: LanePhase.Passed }
            ? await SignAsync(built, cancellationToken)
            : null;
        return await lanes.UpdateAsync(
            id,
            built.Lane,
            current => Judge(current) is { } next && (next.Phase != LanePhase.Passed || statement is not null)
                ? next with { Statement = statement }
                : null,
            cancellationToken);

        LaneRecord? Judge(LaneRecord current) => LaneOutcome.OnBuilt(current, built, report, promotion, time.GetUtcNow());
    }

    /// <summary>Writes that a lane could not be built or measured; answers why the message cannot be used, or null.</summary>
    public async Task<string?> OnFailedAsync(EngineFailed failed, CancellationToken cancellationToken)
    {
        var id = new ModelVersion(failed.Model, failed.Version);
        if (await promotions.ReadAsync(id, cancellationToken) is null) return $"No upload '{id}' is known.";
        await lanes.UpdateAsync(
            id, failed.Lane, current => LaneOutcome.OnFailed(current, failed, time.GetUtcNow()), cancellationToken);
        if (failed.Kind == BuildFailureKind.Overwritten) await EndOverwrittenAsync(id, failed, cancellationToken);
        await advancer.AdvanceAsync(id, cancellationToken);
        return null;
    }

    // Only while engines are still to be built: what passed its gates does not need the upload any more, and may serve.
    private async Task EndOverwrittenAsync(ModelVersion id, EngineFailed failed, CancellationToken cancellationToken) =>
        await promotions.UpdateAsync(
            id,
            current => current is { End: null, State: PromotionState.Accepted or PromotionState.Building }
                ? current with
                {
                    End = new PromotionEnd
                    {
                        State = PromotionState.Failed,
                        Reason = failed.Message,
                        Who = Actors.Pipeline,
                        At = time.GetUtcNow(),
                    },
                }
                : null,
            cancellationToken);

    private Task<SignedEnvelope> SignAsync(EngineBuilt built, CancellationToken cancellationToken)
    {
        var statement = new EngineStatement
        {
            Model = built.Model,
            Version = built.Version,
            Lane = built.Lane,
            EngineDigest = built.EngineDigest,
            EvidenceDigest = built.ReportSha256,
        };
        return Envelopes.SignAsync(
            signer, SignedEnvelope.EngineStatementType, PipelineJson.Write(statement), cancellationToken);
    }

    private Task AnnounceAsync(ModelVersion id, LaneRecord lane, string? traceParent, CancellationToken cancellationToken)
    {
        var notice = new PipelineNotice
        {
            Model = id.Model,
            Version = id.Version,
            Lane = lane.Lane.ToString(),
            Target = lane.Lane.Target,
            Reason = string.Join(' ', lane.Decisions.SelectMany(d => d.Reasons)),
        };
        string type = lane.Phase == LanePhase.Passed ? EventTypes.GatePassed : EventTypes.GateFailed;
        return events.PublishAsync(
            CloudEvent.Create(type, id.ToString(), notice, time.GetUtcNow(), traceParent), cancellationToken);
    }
}
