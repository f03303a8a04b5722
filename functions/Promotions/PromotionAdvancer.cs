using System.Collections.Immutable;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Promotions;

/// <summary>
/// Brings one promotion forward as far as its lanes allow: moves routes when it may, then writes the folded state. Safe to
/// call at any time, any number of times.
/// </summary>
public sealed class PromotionAdvancer(
    PromotionReader reader, PromotionStore promotions, VersionRouter router, TimeProvider time)
{
    public async Task AdvanceAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        PromotionFacts? facts = await reader.ReadAsync(id, cancellationToken);
        if (facts is null || facts.Promotion.AcceptanceNumber is null) return;
        PromotionSummary summary = facts.Fold();
        // A lane that passed late joins a version that is already out: its target is Gated while others are Live.
        bool mayRoute = facts.Promotion.End is null && summary.QuorumReached &&
            (!facts.Promotion.Policy.ApprovalRequired || facts.Promotion.Approval is not null);
        if (mayRoute && facts.LanesInState(PromotionState.Gated).Any())
        {
            await router.IntroduceAsync(facts, cancellationToken);
            facts = await reader.ReadAsync(id, cancellationToken) ?? facts;
            summary = facts.Fold();
        }

        await WriteStateAsync(facts, summary, cancellationToken);
    }

    /// <summary>Advances every version of a model: one version's route change can end another's rollout.</summary>
    public async Task AdvanceModelAsync(string model, CancellationToken cancellationToken)
    {
        ImmutableArray<Stored<Promotion>> versions = await promotions.ListAsync(model, cancellationToken);
        foreach (Promotion version in versions.Select(v => v.Value).Where(v => v is { AcceptanceNumber: not null, End: null }))
            await AdvanceAsync(version.Id, cancellationToken);
    }

    private async Task WriteStateAsync(PromotionFacts facts, PromotionSummary summary, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        await promotions.UpdateAsync(facts.Promotion.Id, Decide, cancellationToken);

        Promotion? Decide(Promotion current)
        {
            // The fold read one state of the row; if somebody has ended or approved it since, their own advance decides.
            if (current.End != facts.Promotion.End || current.Approval != facts.Promotion.Approval) return null;
            if (current.State == summary.State && current.StateReason == summary.Reason) return null;
            PromotionHold? hold = summary.State != PromotionState.Held
                ? null
                : current.Hold ?? new PromotionHold
                {
                    Reason = summary.Reason,
                    Since = now,
                    Deadline = now + current.Policy.HoldDeadline,
                };
            return current with
            {
                State = summary.State,
                StateReason = summary.Reason,
                StateSince = current.State == summary.State ? current.StateSince : now,
                Hold = hold,
            };
        }
    }
}
