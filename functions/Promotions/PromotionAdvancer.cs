using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Documents;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Naming;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;
using Pipeline.Functions.Builds;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Promotions;

/// <summary>
/// Brings one promotion forward as far as its lanes allow: moves routes when it may, then writes the folded state. Safe to
/// call at any time, any number of times.
/// </summary>
public sealed partial class PromotionAdvancer(
    PromotionReader reader, PromotionStore promotions, BuildRequests builds, VersionRouter router, RouteStore routes,
    RoutedTargets targets, TimeProvider time,
    ILogger<PromotionAdvancer> logger)
{
    // Each try reads afresh; whoever wins in between has folded what was there.
    private const int TriesMaximum = 40;

    public async Task AdvanceAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        // Written as Gated before any route moves: from then on a cancel is refused, so no cancelled version gets traffic.
        PromotionFacts? facts = await RefoldAsync(id, cancellationToken);
        // A lane that passed late joins a version that is already out: its target is Gated while others are Live.
        if (facts is null || !MayRoute(facts)) return;
        // What was compared with an engine that has left the route since is compared with the one that serves there now.
        if (await builds.MeasureAgainAsync(facts.Promotion, facts.Lanes, facts.Routes, cancellationToken))
            facts = await RefoldAsync(id, cancellationToken);
        if (facts is null || !MayRoute(facts) || !await router.IntroduceAsync(facts, cancellationToken)) return;
        await RefoldAsync(id, cancellationToken);
        foreach (Stored<Promotion> other in await promotions.ListAsync(id.Model, cancellationToken))
        {
            if (other.Value.Id != id && PromotionStore.IsOpen(other.Value.State))
                await RefoldAsync(other.Value.Id, cancellationToken);
        }
    }

    /// <summary>
    /// Advances every version of a model that a route change can concern: those that are open, and those that a route names
    /// now, since a rollback brings one back that was superseded.
    /// </summary>
    public async Task AdvanceModelAsync(string model, CancellationToken cancellationToken)
    {
        var routed = new HashSet<string>(StringComparer.Ordinal);
        foreach (string target in await targets.ListAsync(cancellationToken))
        {
            if ((await routes.ReadTargetAsync(target, cancellationToken)).Find(model) is { } state)
                routed.UnionWith(Named(state.Route));
        }

        foreach (Stored<Promotion> version in await promotions.ListAsync(model, cancellationToken))
        {
            if (PromotionStore.IsOpen(version.Value.State) || routed.Contains(version.Value.Version))
                await AdvanceAsync(version.Value.Id, cancellationToken);
        }
    }

    /// <summary>The versions that edges serve by this route.</summary>
    public static IEnumerable<string> Named(Route route) =>
        new[] { route.Stable?.Version, route.Candidate?.Version }.OfType<string>();

    private static bool MayRoute(PromotionFacts facts) =>
        facts.Promotion.End is null && facts.Fold().QuorumReached &&
        (!facts.Promotion.Policy.ApprovalRequired || facts.Promotion.Approval is not null) &&
        facts.LanesInState(PromotionState.Gated).Any();

    /// <summary>
    /// Folds and writes over exactly the row that was folded: a slower run must not put its older state over a newer one.
    /// </summary>
    /// <returns>What was folded; null for a version that is unknown or was never accepted.</returns>
    private async Task<PromotionFacts?> RefoldAsync(ModelVersion id, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < TriesMaximum; attempt++)
        {
            PromotionFacts? facts = await reader.ReadAsync(id, cancellationToken);
            if (facts?.Promotion.AcceptanceNumber is null) return null;
            if (PromotionUpdate.Next(facts.Promotion, facts.Fold(), time.GetUtcNow()) is not { } next) return facts;
            if (!await promotions.TryWriteAsync(facts.Stored, next, cancellationToken)) continue;
            if (next.State != facts.Promotion.State) Log.Reached(logger, id, next.State, next.StateReason);
            return facts with { Stored = facts.Stored with { Value = next } };
        }

        throw new UpdateConflictException($"The row of '{id}' changed under {TriesMaximum} tries to write it; try again later.");
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Promotion {Id} is {State}: {Reason}")]
        public static partial void Reached(ILogger logger, ModelVersion id, PromotionState state, string? reason);
    }
}
