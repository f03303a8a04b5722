using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;

namespace Pipeline.Functions.Management;

/// <summary>Who changed the routes of a target, when and why, newest first.</summary>
public sealed class GetHistory(RouteStore routes, Caller caller)
{
    private const int EntriesMaximum = 200;

    [Function(nameof(GetHistory))]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes/{target}/history")] HttpRequest request,
        string target,
        CancellationToken cancellationToken)
    {
        if (caller.Refusal(request, Permission.Read) is { } refusal) return refusal;
        if (!Names.IsTarget(target)) return Answer.BadRequest($"'{target}' is not a target.");
        return Answer.Of(new HistoryList { Entries = await routes.HistoryAsync(target, EntriesMaximum, cancellationToken) });
    }
}
