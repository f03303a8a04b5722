using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Lets a paused or held rollout go on; its step starts anew.</summary>
public sealed class Resume(RouteCommands commands)
{
    [Function("Resume")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/resume")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, commands.Resume, cancellationToken);
}
