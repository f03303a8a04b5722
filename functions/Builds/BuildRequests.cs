using System.Collections.Immutable;
using Pipeline.Cloud.Messages;
using Pipeline.Cloud.Promotions;
using Pipeline.Core.Builds;
using Pipeline.Core.Promotions;

namespace Pipeline.Functions.Builds;

/// <summary>Makes the lane rows of a promotion and sends their build requests.</summary>
public sealed class BuildRequests(LaneStore lanes, BuildQueue queue, TimeProvider time)
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

    public Task SendAsync(Promotion promotion, LaneRecord lane, CancellationToken cancellationToken)
    {
        BuildRequest request = BuildPlanner.ToRequest(promotion, lane, null);
        return queue.SendAsync(request, promotion.TraceParent, cancellationToken);
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
}
