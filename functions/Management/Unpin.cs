using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Management;

/// <summary>Lets a pinned model move again; what waited comes at once.</summary>
public sealed class Unpin(RouteCommands commands)
{
    [Function("Unpin")]
    public Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/unpin")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        commands.RunAsync(request, model, commands.Unpin, cancellationToken);
}
