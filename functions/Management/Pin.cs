using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Keeps a model on its stable version until it is unpinned.</summary>
public sealed class Pin(RouteCommands commands)
{
    [Function("Pin")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/pin")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, commands.Pin, cancellationToken);
}
