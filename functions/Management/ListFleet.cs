using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud.Fleet;
using Pipeline.Core.Management;

namespace Pipeline.Functions.Management;

/// <summary>The edges and what they last reported.</summary>
public sealed class ListFleet(FleetStore fleet)
{
    [Function(nameof(ListFleet))]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fleet")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        _ = request;
        return Answer.Of(new FleetList { Edges = await fleet.ListAsync(cancellationToken) });
    }
}
