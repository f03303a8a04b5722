using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Promotions;

namespace Pipeline.Functions.Management;

/// <summary>A command on a version: who asks, with which body.</summary>
public delegate Task<CommandOutcome> VersionCommand(
    PromotionFacts facts, CommandRequest request, string who, CancellationToken cancellationToken);

/// <summary>What a person may do to one version.</summary>
public sealed class VersionCommands(
    PromotionReader reader,
    PromotionStore promotions,
    BuildRequests builds,
    PromotionAdvancer advancer,
    Caller caller,
    TimeProvider time)
{
    /// <summary>Reads the request and the version, runs the command, answers.</summary>
    public async Task<IActionResult> RunAsync(
        HttpRequest http, string model, string version, VersionCommand command, CancellationToken cancellationToken)
    {
        if (caller.Refusal(http, Permission.Operate) is { } refusal) return refusal;
        (CommandRequest? request, string? fault) = await CommandBody.ReadAsync(http, cancellationToken);
        if (request is null) return Answer.BadRequest(fault!);
        if (!ModelVersion.TryCreate(model, version, out ModelVersion id))
            return Answer.BadRequest($"A model is {Names.ModelRule}; a version {Names.VersionRule}.");
        PromotionFacts? facts = await reader.ReadAsync(id, cancellationToken);
        if (facts is null) return Answer.NotFound($"No version '{id}' was uploaded.");
        CommandOutcome outcome = await command(facts, request, caller.NameOf(http), cancellationToken);
        if (outcome is CommandOutcome.Done) await advancer.AdvanceAsync(id, cancellationToken);
        return outcome.ToAnswer();
    }

    public async Task<CommandOutcome> ApproveAsync(
        PromotionFacts facts, CommandRequest request, string who, CancellationToken cancellationToken)
    {
        Promotion promotion = facts.Promotion;
        var approval = new PromotionApproval { Who = who, Why = request.Reason, At = time.GetUtcNow() };
        PromotionFacts approved = facts with { Stored = facts.Stored with { Value = promotion with { Approval = approval } } };
        // Taken off a route, and free to come back to it now that a person says so.
        string[] back = [.. facts.LanesInState(PromotionState.RolledBack)
            .Where(l => approved.StateOf(l) == PromotionState.Gated).Select(l => l.Lane.Target).Distinct()];
        if (back.Length == 0 && !facts.Fold().Open)
            return new CommandOutcome.Refused($"'{promotion.Id}' is {promotion.State}: there is nothing left to approve.");
        Promotion? now = await promotions.UpdateAsync(
            promotion.Id,
            p => (p.Approval is null || back.Length > 0) && p.End is null ? p with { Approval = approval } : null,
            cancellationToken);
        return now switch
        {
            { Approval: { } given } when given == approval => Done(
                $"'{promotion.Id}' is approved by {who}{(back.Length == 0 ? "" : $" and may come back on {string.Join(", ", back)}")}."),
            { End: { } end } => new CommandOutcome.Refused($"'{promotion.Id}' has ended: {end.Reason}"),
            _ => Done($"'{promotion.Id}' was approved before."),
        };
    }

    public async Task<CommandOutcome> CancelAsync(
        PromotionFacts facts, CommandRequest request, string who, CancellationToken cancellationToken)
    {
        Promotion promotion = facts.Promotion;
        PromotionSummary summary = facts.Fold();
        if (summary.HasTraffic)
            return new CommandOutcome.Refused($"'{promotion.Id}' has traffic; use rollback to take it off its routes.");
        if (!summary.Open)
            return new CommandOutcome.Refused($"'{promotion.Id}' has ended already: {promotion.StateReason}");
        var end = new PromotionEnd
        {
            State = PromotionState.Cancelled,
            Reason = request.Reason is { Length: > 0 } why ? $"Cancelled by {who}: {why}" : $"Cancelled by {who}.",
            Who = who,
            At = time.GetUtcNow(),
        };
        // Gated is written before a route moves: whoever reads it here comes too late, or at once before.
        Promotion? now = await promotions.UpdateAsync(
            promotion.Id,
            p => p.End is null && p.State is not (PromotionState.Gated or PromotionState.RollingOut or PromotionState.Live)
                ? p with { End = end }
                : null,
            cancellationToken);
        return now?.End == end
            ? Done($"'{promotion.Id}' is cancelled.")
            : new CommandOutcome.Refused(
                $"'{promotion.Id}' is {now?.State} by now: {now?.StateReason} Use rollback to take it off its routes.");
    }

    public async Task<CommandOutcome> RetryAsync(
        PromotionFacts facts, CommandRequest request, string who, CancellationToken cancellationToken)
    {
        Promotion promotion = facts.Promotion;
        if (promotion.AcceptanceNumber is null)
            return new CommandOutcome.Refused($"'{promotion.Id}' was never accepted: {promotion.StateReason} Upload it again.");
        if (promotion.End is { } end)
            return new CommandOutcome.Refused($"'{promotion.Id}' has ended: {end.Reason}");
        LaneRecord[] ended = [.. facts.Lanes.Where(l => l.Phase is not (LanePhase.Queued or LanePhase.Passed))];
        if (ended.Length > 0) await ReopenAsync(promotion.Id, who, request.Reason, ended, cancellationToken);
        var done = ImmutableArray.CreateBuilder<string>();
        foreach (LaneRecord lane in ended)
        {
            if (await builds.RetryAsync(promotion, lane, cancellationToken))
                done.Add($"'{promotion.Id}' is built again on '{lane.Lane}', attempt {lane.Attempt + 1}.");
        }

        return done.Count > 0
            ? new CommandOutcome.Done(done.ToImmutable())
            : new CommandOutcome.Refused($"'{promotion.Id}' has no lane that failed.");
    }

    // Before the lanes: the reconcile tick looks at open versions only, and has to find a retry whose message was lost.
    private Task<Promotion?> ReopenAsync(
        ModelVersion id, string who, string? why, LaneRecord[] ended, CancellationToken cancellationToken)
    {
        string asked = $"{who} asked to build {string.Join(", ", ended.Select(l => $"{l.Lane} (attempt {l.Attempt + 1})"))} again"
            + (string.IsNullOrWhiteSpace(why) ? "." : $": {why}");
        DateTimeOffset now = time.GetUtcNow();
        return promotions.UpdateAsync(
            id,
            p => p.End is not null ? null
                : PromotionStore.IsOpen(p.State) ? p.WithNotice(asked, now)
                : p.WithNotice(asked, now) with
                {
                    State = PromotionState.Building,
                    StateReason = $"{who} asked to build its lanes again.",
                    StateSince = now,
                },
            cancellationToken);
    }

    private static CommandOutcome.Done Done(string what) => new([what]);
}
