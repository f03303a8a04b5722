using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Withdraws the candidate of a model, or puts its previous stable version back.</summary>
public sealed class Rollback(RouteCommands commands)
{
    [Function("Rollback")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/rollback")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        commands.RollbackAsync(request, model, cancellationToken);
}
