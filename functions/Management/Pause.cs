using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Stops the steps of a rollout; its present share stays.</summary>
public sealed class Pause(RouteCommands commands)
{
    [Function("Pause")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/pause")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, commands.Pause, cancellationToken);
}
