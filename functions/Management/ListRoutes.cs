using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Cloud.Routing;
using Pipeline.Core.Management;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Management;

/// <summary>Every route of every target.</summary>
public sealed class ListRoutes(RouteStore routes, RoutedTargets all, Caller caller)
{
    [Function(nameof(ListRoutes))]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "routes")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (caller.Refusal(request, Permission.Read) is { } refusal) return refusal;
        var targets = ImmutableArray.CreateBuilder<TargetRoutes>();
        foreach (string target in await all.ListAsync(cancellationToken))
        {
            TargetState state = await routes.ReadTargetAsync(target, cancellationToken);
            targets.Add(new TargetRoutes
            {
                Target = target,
                Revision = state.Revision,
                Routes = [.. state.Routes.Select(r => r.Value)],
            });
        }

        return Answer.Of(new RouteList { Targets = targets.ToImmutable() });
    }
}
