using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud.Fleet;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;

namespace Pipeline.Functions.Management;

/// <summary>The edges, what they last reported, and which of them nobody builds for.</summary>
public sealed class ListFleet(FleetStore fleet, DeployedLanes lanes, TimeProvider time, Caller caller)
{
    [Function(nameof(ListFleet))]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fleet")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (caller.Refusal(request, Permission.Read) is { } refusal) return refusal;
        ImmutableArray<FleetMember> edges = await fleet.ListAsync(cancellationToken);
        return Answer.Of(new FleetList
        {
            Edges = edges,
            Notices =
            [
                .. FleetPlanner.Undeployed(lanes.All, edges, time.GetUtcNow())
                    .Select(FleetPlanner.DescribeUndeployed),
            ],
        });
    }
}
