using System.Collections.Immutable;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Builds;
using Pipeline.Core.Promotions;
using Pipeline.Core.Routing;

namespace Pipeline.Functions.Builds;

/// <summary>Makes the lane rows of a promotion and sends their build requests.</summary>
public sealed class BuildRequests(LaneStore lanes, RouteStore routes, BuildQueue queue, TimeProvider time)
{
    /// <summary>Creates the rows that are missing and sends a request for each; a request sent twice is one message.</summary>
    public async Task SendMissingAsync(Promotion promotion, CancellationToken cancellationToken)
    {
        ImmutableArray<LaneRecord> existing = await lanes.ListAsync(promotion.Id, cancellationToken);
        foreach (LaneRecord lane in BuildPlanner.Plan(promotion, existing, time.GetUtcNow()))
        {
            // Row first: a worker that answers must find it. A request lost in between is sent again by the reconcile tick.
            await lanes.CreateAsync(promotion.Id, lane, cancellationToken);
            await SendAsync(promotion, lane, cancellationToken);
        }
    }

    /// <summary>Sends the request of the lane's present attempt, to be measured against what serves at this moment.</summary>
    public async Task SendAsync(Promotion promotion, LaneRecord lane, CancellationToken cancellationToken)
    {
        RouteState? route = (await routes.ReadTargetAsync(lane.Lane.Target, cancellationToken)).Find(promotion.Model);
        BuildRequest request = BuildPlanner.ToRequest(promotion, lane, route);
        await queue.SendAsync(request, promotion.TraceParent, cancellationToken);
    }

    /// <summary>Starts another attempt on a lane that has none under way.</summary>
    public async Task<bool> RetryAsync(Promotion promotion, LaneRecord lane, CancellationToken cancellationToken)
    {
        LaneRecord? next = null;
        await lanes.UpdateAsync(
            promotion.Id,
            lane.Lane,
            current => next = current.Phase != LanePhase.Queued && current.Attempt == lane.Attempt
                ? LaneOutcome.Retry(current, time.GetUtcNow())
                : null,
            cancellationToken);
        if (next is null) return false;
        await SendAsync(promotion, next, cancellationToken);
        return true;
    }

    /// <summary>
    /// Has the lanes measured again that passed against another engine than the one that serves now. Row first, then the
    /// request: one that is lost in between is sent again by the reconcile tick.
    /// </summary>
    /// <param name="routesByTarget">The model's routes.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> MeasureAgainAsync(
        Promotion promotion, IEnumerable<LaneRecord> passed, IReadOnlyDictionary<string, RouteState> routesByTarget,
        CancellationToken cancellationToken)
    {
        bool any = false;
        foreach (LaneRecord lane in passed)
        {
            RouteState? route = routesByTarget.GetValueOrDefault(lane.Lane.Target);
            if (LaneOutcome.MeasureAgain(lane, promotion, route, time.GetUtcNow()) is null) continue;
            any = true;
            LaneRecord? next = null;
            await lanes.UpdateAsync(
                promotion.Id, lane.Lane,
                current => next = LaneOutcome.MeasureAgain(current, promotion, route, time.GetUtcNow()), cancellationToken);
            if (next is not null) await SendAsync(promotion, next, cancellationToken);
        }

        return any;
    }
}
